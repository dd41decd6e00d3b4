#ifndef DL_CONTROL_STORE_ROW_H
#define DL_CONTROL_STORE_ROW_H

#include <sqlite3.h>

#include "sandbox.h"

#pragma GCC visibility push(hidden)

const char *dl_store_row_columns(void);
int dl_store_row(sqlite3_stmt *stmt, dl_sandbox *out, const char **damaged);

#pragma GCC visibility pop

#endif
