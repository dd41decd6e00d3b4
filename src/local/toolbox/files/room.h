#ifndef DL_TOOLBOX_ROOM_H
#define DL_TOOLBOX_ROOM_H

#include <jansson.h>
#include <stddef.h>

/* The disk that the sandbox has left. */

#pragma GCC visibility push(hidden)

/* Takes the member `disk` of the limits, in bytes; where there is none, there
 * is no limit. `home` must stay. */
void dl_room_read(const json_t *limits, const char *home);

/* Asks for `n` bytes more of the disk. 0, or -1 with ENOSPC. */
int dl_room_take(size_t n);

#pragma GCC visibility pop

#endif
