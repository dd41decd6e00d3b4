#include "limits.h"

/* What the stacks of a toolbox's threads may take of its data, used or not. */
#define STACKS (4 * DL_LIMITS_GIB)

/* The bytes of data that the toolbox of a sandbox of so many GiB may have. It
 * has a budget of its own: what runs beside it cannot use it up. */
int64_t dl_limits_toolbox_data(int64_t memory) {
  return memory * DL_LIMITS_GIB + STACKS;
}

/* What the toolbox is told to set for all that it starts, for
 * dl_child_limits_read. Processes are counted for each user namespace, so
 * without isolation all of the user's would be counted together: then there
 * is no limit. NULL without memory. */
json_t *dl_limits_of_children(int64_t memory, bool isolated) {
  return json_pack("{s:I, s:I}", "memory", (json_int_t)(memory * DL_LIMITS_GIB),
                   "processes",
                   (json_int_t)(isolated ? DL_LIMITS_PROCESSES : 0));
}
