#ifndef DL_CONTROL_WATCH_H
#define DL_CONTROL_WATCH_H

#include "datadir.h"
#include "limits.h"

#include <sys/types.h>

typedef struct dl_watched dl_watched;

#pragma GCC visibility push(hidden)

dl_watched *dl_watch_add(const dl_limits *limits, pid_t pid, bool isolated,
                         const dl_datadir *dir);
void dl_watch_volumes(dl_watched *watched, const json_t *mounts);
void dl_watch_resize(dl_watched *watched, const dl_limits *limits);
void dl_watch_remove(dl_watched *watched);

#pragma GCC visibility pop

#endif
