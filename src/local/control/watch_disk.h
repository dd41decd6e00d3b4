#ifndef DL_CONTROL_WATCH_DISK_H
#define DL_CONTROL_WATCH_DISK_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

int64_t dl_disk_usage(int dir, const char *path);

#pragma GCC visibility pop

#endif
