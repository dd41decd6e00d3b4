#ifndef DL_CONTROL_STORE_MEND_H
#define DL_CONTROL_STORE_MEND_H

#include <sqlite3.h>

#include "sandbox.h"

struct dl_store;

#pragma GCC visibility push(hidden)

/* Looks at every row, and writes those that are damaged anew by `put`, as
 * errors of their own, so that lists have something to sort and find them by.
 * One that cannot be written now is mended in each answer. 0, or -1 after a
 * message where rows cannot be read. */
int dl_store_mend(sqlite3 *db,
                  int (*put)(struct dl_store *store, dl_sandbox *sb),
                  struct dl_store *store);

#pragma GCC visibility pop

#endif
