/* How rows are written: what the files of rows have in common. */
#ifndef dt_table_parts_h
#define dt_table_parts_h

#include "operations.h"

/* clang-format off */

#define END {.name = NULL}
#define OBJECT(of) {.name = "result", .type = DT_OBJECT, .with.shape = &of}
#define OBJECTS(of) {.name = "result", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &of}
#define SANDBOX {.name = "sandbox", .type = DT_HANDLE, .with.shape = &dt_shape_sandbox}
/* Another sandbox than the one that was asked for. */
#define OTHER_SANDBOX {.name = "other", .type = DT_HANDLE, .with.shape = &dt_shape_sandbox}
#define NATURAL .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 0, .max = 2147483647
#define NATURAL_REQUIRED .type = DT_INTEGER, .flags = DT_BOUNDED | DT_REQUIRED, .min = 0, .max = 2147483647
#define SANDBOX_ID(on_the_wire) {.name = "sandbox_id", .wire = on_the_wire, .place = DT_PATH, \
  .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id or name of the sandbox"}
#define WAIT {.name = "wait", .type = DT_BOOLEAN, .place = DT_CALL, \
  .doc = "false: return at once instead of waiting for the state (default true)"}
/* A string that must be given. */
#define TEXT(of, more, what) {.name = of, .flags = DT_REQUIRED | more, .doc = what}
#define LONG 1800 /* seconds that a transfer may take */

/* clang-format on */
#endif
