#ifndef DL_CONTROL_STORE_ROOM_H
#define DL_CONTROL_STORE_ROOM_H

#include <sqlite3.h>

/* The write-ahead log is written back when it has so many pages. */
#define DL_STORE_ROOM_CHECKPOINT "200"

#pragma GCC visibility push(hidden)

/* Sees to it that the database can be written though the disk is full: both it
 * and its write-ahead log, which stays when it is closed, are larger than they
 * need to be. Best effort: where the disk is full already, nothing changes. */
void dl_store_room_make(sqlite3 *db, const char *path);

#pragma GCC visibility pop

#endif
