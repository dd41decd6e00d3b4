#ifndef DL_CONTROL_LIMITS_CGROUP_H
#define DL_CONTROL_LIMITS_CGROUP_H

#include "limits.h"

/* printf with a grade and a name in front. */
typedef void dl_limits_say(const char *grade, const char *what,
                           const char *format, ...);

#pragma GCC visibility push(hidden)

/* limits_tell.c */
void dl_limits_tell(dl_limits_say *say);

/* limits_cgroup.c */
const char *dl_cgroup_lack(void);
void dl_cgroup_open(void);
bool dl_cgroup_used(void);
int dl_cgroup_make(const dl_limits *limits);
void dl_cgroup_remove(const char *id);
int dl_cgroup_resize(const dl_limits *limits);
int dl_cgroup_freeze(const char *id, bool on);
bool dl_cgroup_is_frozen(const char *id);

#pragma GCC visibility pop

#endif
