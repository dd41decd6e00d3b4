#ifndef DL_CONTROL_POOLS_H
#define DL_CONTROL_POOLS_H

#include "plane.h"

/* More than a machine could use. */
#define DL_POOLS_MOST 32

#pragma GCC visibility push(hidden)

/* Removes members that are of no use, and has as many started as each pool
 * lacks. One whose members failed waits until the next look at the timers. The
 * caller looks at the pending rows afterwards. */
void dl_pools_fill(dl_plane *plane);

/* Makes `sb`, which is about to be inserted and made of the snapshot `source`,
 * a sandbox that runs already, if a pool has one with the files of that.
 * Whether it is that now. */
bool dl_pools_take(dl_plane *plane, dl_sandbox *sb, const json_t *source);

/* A member runs: what was wrong with its pool is so no more. */
void dl_pools_ready(dl_plane *plane, const dl_sandbox *sb);

#pragma GCC visibility pop

#endif
