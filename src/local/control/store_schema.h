#ifndef DL_CONTROL_STORE_SCHEMA_H
#define DL_CONTROL_STORE_SCHEMA_H

#include <sqlite3.h>

#pragma GCC visibility push(hidden)

/* Sees to it that the database has our tables: makes those of an empty one,
 * takes over those of a former version, refuses those of a newer one and a file
 * that is damaged. 0, or -1 after a message on stderr. */
int dl_store_schema(sqlite3 *db, const char *path);

/* Says on stderr what went wrong with the database in that file, and what can
 * be done where it is damaged. */
void dl_store_complain(sqlite3 *db, const char *path, const char *what);

#pragma GCC visibility pop

#endif
