#ifndef DL_TOOLBOX_ROOM_H
#define DL_TOOLBOX_ROOM_H

#include <jansson.h>
#include <stddef.h>

/* The disk that the sandbox has left. */

#pragma GCC visibility push(hidden)

void dl_room_read(const json_t *limits, const char *home);
int dl_room_take(size_t n);

#pragma GCC visibility pop

#endif
