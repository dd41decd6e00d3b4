#ifndef DL_CONTROL_STORE_INTERNAL_H
#define DL_CONTROL_STORE_INTERNAL_H

/* What the files of the store share and nobody else needs. */

#include <sqlite3.h>

#include "store.h"

/* How many statements are kept for the next time, and how long they may be. */
#define DL_STORE_KEPT 16
#define DL_STORE_KEPT_LENGTH 2000

struct dl_store {
  sqlite3 *db;
  dl_reserve *reserve;
  const char *path; /* the database's own copy */
  sqlite3_stmt *put;
  sqlite3_stmt *change; /* the same, for a row whose fixed columns stay */
  sqlite3_stmt *by_id;
  sqlite3_stmt *by_name;
  sqlite3_stmt *kept[DL_STORE_KEPT]; /* not in use, the last used one first */
};

#pragma GCC visibility push(hidden)

/* store_sql.c */
int dl_store_report(dl_store *store, const char *what);
int dl_store_step(dl_store *store, sqlite3_stmt *stmt);
sqlite3_stmt *dl_store_prepare(dl_store *store, const char *sql);
void dl_store_done(dl_store *store, sqlite3_stmt *stmt);
void dl_store_bind(sqlite3_stmt *stmt, const json_t *values);

#pragma GCC visibility pop

#endif
