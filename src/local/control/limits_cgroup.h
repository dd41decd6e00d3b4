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

/* Once, before a sandbox is started: gives them groups where that can be. */
void dl_cgroup_open(void);

/* Whether sandboxes have groups. */
bool dl_cgroup_used(void);

/* A group with the sandbox's limits. The descriptor by whose writing "0" a
 * process enters it, or -1: none. */
int dl_cgroup_make(const dl_limits *limits);

/* Removes the group of a sandbox whose processes have ended. Never waits: where
 * the kernel still counts one to it, dl_cgroup_leave removes it. */
void dl_cgroup_remove(const char *id);

/* When (dl_clock_monotonic_ms) dl_cgroup_leave is to be called; INT64_MAX:
 * nothing is left to be removed. */
int64_t dl_cgroup_leave_at(void);

/* Tries again, where it is time, to remove what dl_cgroup_remove could not. It
 * gives up after some seconds. */
void dl_cgroup_leave(void);

/* Changes the limits of a group. 0; -1 where there is none. */
int dl_cgroup_resize(const dl_limits *limits);

/* Has the kernel freeze all processes of the sandbox, or let them go on. 0; -1
 * where it has no group, or did not get into it, or the kernel is one before
 * 5.2. */
int dl_cgroup_freeze(const char *id, bool on);

/* Whether that has come to pass. */
bool dl_cgroup_is_frozen(const char *id);

#pragma GCC visibility pop

#endif
