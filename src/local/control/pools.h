#ifndef DL_CONTROL_POOLS_H
#define DL_CONTROL_POOLS_H

#include "plane.h"

/* More than a machine could use. */
#define DL_POOLS_MOST 32

#pragma GCC visibility push(hidden)

void dl_pools_fill(dl_plane *plane);
bool dl_pools_take(dl_plane *plane, dl_sandbox *sb);
void dl_pools_ready(dl_plane *plane, const dl_sandbox *sb);

#pragma GCC visibility pop

#endif
