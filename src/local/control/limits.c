#include "limits.h"

/* What the stacks of a toolbox's threads may take of its data, used or not. */
#define STACKS (4 * DL_LIMITS_GIB)

/* The bytes of data that the toolbox of a sandbox of so many GiB may have. It
 * has a budget of its own: what runs beside it cannot use it up. */
int64_t dl_limits_toolbox_data(int64_t memory) {
  return memory * DL_LIMITS_GIB + STACKS;
}

/* The bytes of /dev/shm and of /run: together less than the memory, so that
 * what is killed for want of it is always a process too much. */
int64_t dl_limits_shm(int64_t memory) {
  return memory * DL_LIMITS_GIB / 2;
}

int64_t dl_limits_run(void) {
  return 64 * DL_LIMITS_MIB;
}

/* What the toolbox is told to set for all that it starts, for
 * dl_child_limits_read, and to keep itself, for dl_room_read. Processes are
 * counted for each user namespace, so without isolation all of the user's would
 * be counted together, and /tmp is everybody's: then there is no such limit.
 * NULL without memory. */
json_t *dl_limits_of_children(const dl_limits *limits, bool isolated) {
  return json_pack("{s:I, s:I, s:I, s:I}", "memory",
                   (json_int_t)(limits->memory * DL_LIMITS_GIB), "file",
                   (json_int_t)(limits->disk * DL_LIMITS_GIB), "processes",
                   (json_int_t)(isolated ? DL_LIMITS_PROCESSES : 0), "disk",
                   (json_int_t)(isolated ? limits->disk * DL_LIMITS_GIB : 0));
}
