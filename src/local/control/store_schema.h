#ifndef DL_CONTROL_STORE_SCHEMA_H
#define DL_CONTROL_STORE_SCHEMA_H

#include <sqlite3.h>

#pragma GCC visibility push(hidden)

int dl_store_schema(sqlite3 *db, const char *path);
void dl_store_complain(sqlite3 *db, const char *path, const char *what);

#pragma GCC visibility pop

#endif
