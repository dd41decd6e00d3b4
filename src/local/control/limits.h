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

/* The bytes of data that the toolbox of a sandbox of so many GiB may have. It
 * has a budget of its own: what runs beside it cannot use it up. */
int64_t dl_limits_toolbox_data(int64_t memory);

/* The bytes of /dev/shm and of /run: together less than the memory, so that
 * what is killed for want of it is always a process too much. */
int64_t dl_limits_shm(int64_t memory);

int64_t dl_limits_run(void);

/* What the toolbox is told to set for all that it starts, for
 * dl_child_limits_read, and to keep itself, for dl_room_read. Processes are
 * counted for each user namespace, so without isolation all of the user's would
 * be counted together, and /tmp is everybody's: then there is no such limit.
 * NULL without memory. */
json_t *dl_limits_of_children(const dl_limits *limits, bool isolated);

#pragma GCC visibility pop

#endif
