#ifndef DL_DISK_USAGE_H
#define DL_DISK_USAGE_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The bytes that all files below `path` (in the directory `dir`) take, as far
 * as they can be seen: links are not followed, what may not be read, what is
 * mounted there and what lies very deep is left out. */
int64_t dl_disk_usage(int dir, const char *path);

#pragma GCC visibility pop

#endif
