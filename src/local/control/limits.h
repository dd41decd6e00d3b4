#ifndef DL_CONTROL_LIMITS_H
#define DL_CONTROL_LIMITS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define DL_LIMITS_GIB (INT64_C(1) << 30)
#define DL_LIMITS_MIB (INT64_C(1) << 20)

/* Of each sandbox; its toolbox apart, see toolbox/process/child_limits.c. */
#define DL_LIMITS_PROCESSES 4096
#define DL_LIMITS_FILES 16384

/* What a sandbox is given. */
typedef struct dl_limits {
  const char *id;
  int64_t cpu;    /* cores */
  int64_t memory; /* GiB */
  int64_t disk;   /* GiB */
} dl_limits;

#pragma GCC visibility push(hidden)

int64_t dl_limits_toolbox_data(int64_t memory);
int64_t dl_limits_shm(int64_t memory);
int64_t dl_limits_run(void);
json_t *dl_limits_of_children(const dl_limits *limits, bool isolated);

#pragma GCC visibility pop

#endif
