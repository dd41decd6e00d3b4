#ifndef DL_DISK_USAGE_H
#define DL_DISK_USAGE_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

int64_t dl_disk_usage(int dir, const char *path);

#pragma GCC visibility pop

#endif
