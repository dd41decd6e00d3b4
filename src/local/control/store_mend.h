#ifndef DL_CONTROL_STORE_MEND_H
#define DL_CONTROL_STORE_MEND_H

#include <sqlite3.h>

#include "sandbox.h"

struct dl_store;

#pragma GCC visibility push(hidden)

int dl_store_mend(sqlite3 *db,
                  int (*put)(struct dl_store *store, dl_sandbox *sb),
                  struct dl_store *store);

#pragma GCC visibility pop

#endif
