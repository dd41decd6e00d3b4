#include "limits.h"

/* What the stacks of a toolbox's threads may take of its data, used or not. */
#define STACKS (4 * DL_LIMITS_GIB)

int64_t dl_limits_toolbox_data(int64_t memory) {
  return memory * DL_LIMITS_GIB + STACKS;
}

int64_t dl_limits_shm(int64_t memory) {
  return memory * DL_LIMITS_GIB / 2;
}

int64_t dl_limits_run(void) {
  return 64 * DL_LIMITS_MIB;
}

json_t *dl_limits_of_children(const dl_limits *limits, bool isolated) {
  return json_pack("{s:I, s:I, s:I, s:I}", "memory",
                   (json_int_t)(limits->memory * DL_LIMITS_GIB), "file",
                   (json_int_t)(limits->disk * DL_LIMITS_GIB), "processes",
                   (json_int_t)(isolated ? DL_LIMITS_PROCESSES : 0), "disk",
                   (json_int_t)(isolated ? limits->disk * DL_LIMITS_GIB : 0));
}
