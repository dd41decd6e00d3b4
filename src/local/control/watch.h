#ifndef DL_CONTROL_WATCH_H
#define DL_CONTROL_WATCH_H

#include "datadir.h"
#include "limits.h"

#include <sys/types.h>

typedef struct dl_watched dl_watched;

#pragma GCC visibility push(hidden)

/* Watches a sandbox whose first process is `pid`, until dl_watch_remove. NULL
 * if that cannot be. Only for the main thread. */
dl_watched *dl_watch_add(const dl_limits *limits, pid_t pid, bool isolated,
                         const dl_datadir *dir);

/* Watches the sandbox's volumes, too (see mounts.h); NULL is none. */
void dl_watch_volumes(dl_watched *watched, const json_t *mounts);

/* Watches it by other limits from now on; NULL is none. What is in memory as
 * files stays as large as it was. */
void dl_watch_resize(dl_watched *watched, const dl_limits *limits);

/* Ends that; NULL is none. */
void dl_watch_remove(dl_watched *watched);

#pragma GCC visibility pop

#endif
