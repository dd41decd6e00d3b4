#ifndef DL_CONTROL_STORE_MEND_H
#define DL_CONTROL_STORE_MEND_H

#include <sqlite3.h>

#include "store.h"

#pragma GCC visibility push(hidden)

int dl_store_mend(dl_store *store, sqlite3 *db);

#pragma GCC visibility pop

#endif
