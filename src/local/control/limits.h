#ifndef DL_CONTROL_LIMITS_H
#define DL_CONTROL_LIMITS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define DL_LIMITS_GIB (INT64_C(1) << 30)

/* Of each process of a sandbox, the toolbox apart, see toolbox/child_limits.c.
 */
#define DL_LIMITS_PROCESSES 4096
#define DL_LIMITS_FILES 16384

#pragma GCC visibility push(hidden)

int64_t dl_limits_toolbox_data(int64_t memory);
json_t *dl_limits_of_children(int64_t memory, bool isolated);

#pragma GCC visibility pop

#endif
