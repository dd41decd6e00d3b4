#include "store_room.h"

#include <stdbool.h>
#include <sys/stat.h>

#include "strbuf.h"

#define ROOM "1200000" /* bytes: more pages than a full write-ahead log has */
#define ENOUGH 1000000
#define LEAST_FREE 100 /* pages */

/* The number that a pragma gives, 0 after an error. */
static int ask(sqlite3 *db, const char *pragma) {
  sqlite3_stmt *stmt = NULL;
  int n = 0;
  if (sqlite3_prepare_v2(db, pragma, -1, &stmt, NULL) == SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW)
    n = sqlite3_column_int(stmt, 0);
  sqlite3_finalize(stmt);
  return n;
}

static off_t log_size(const char *path) {
  dl_strbuf log = {0};
  off_t size = 0;
  dl_strbuf_addf(&log, "%s-wal", path);
  struct stat st;
  if (!log.failed && stat(log.data, &st) == 0)
    size = st.st_size;
  dl_strbuf_free(&log);
  return size;
}

void dl_store_room_make(sqlite3 *db, const char *path) {
  int stay = 1;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &stay);
  if (ask(db, "PRAGMA freelist_count") >= LEAST_FREE &&
      log_size(path) >= ENOUGH)
    return;
  /* Two transactions: pages that are freed in the one that took them are
   * never written. */
  sqlite3_exec(db,
               "INSERT OR REPLACE INTO meta (key, value)"
               " VALUES ('room', zeroblob(" ROOM "))",
               NULL, NULL, NULL);
  /* What is deleted is zeros, which many builds would overwrite with zeros. */
  bool overwrites = ask(db, "PRAGMA secure_delete") != 0;
  sqlite3_exec(db, "PRAGMA secure_delete = OFF", NULL, NULL, NULL);
  sqlite3_exec(db, "DELETE FROM meta WHERE key = 'room'", NULL, NULL, NULL);
  if (overwrites)
    sqlite3_exec(db, "PRAGMA secure_delete = ON", NULL, NULL, NULL);
}
