#ifndef DL_CONTROL_STORE_ROOM_H
#define DL_CONTROL_STORE_ROOM_H

#include <sqlite3.h>

/* The write-ahead log is written back when it has so many pages. */
#define DL_STORE_ROOM_CHECKPOINT "200"

#pragma GCC visibility push(hidden)

void dl_store_room_make(sqlite3 *db, const char *path);

#pragma GCC visibility pop

#endif
