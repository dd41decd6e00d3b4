#ifndef DL_CONTROL_STORE_ROW_H
#define DL_CONTROL_STORE_ROW_H

#include <sqlite3.h>

#include "sandbox.h"

#pragma GCC visibility push(hidden)

/* All columns, for a SELECT. */
const char *dl_store_row_columns(void);

/* Reads the present row into `out` (zeroed). A row that was damaged, or that
 * another version wrote, becomes an error of its own; with `damaged` the first
 * such column goes there (else NULL), and JSON is looked at, too. 1, 0 for a
 * row whose id cannot be one, or -1 without memory; the caller clears *out. */
int dl_store_row(sqlite3_stmt *stmt, dl_sandbox *out, const char **damaged);

#pragma GCC visibility pop

#endif
