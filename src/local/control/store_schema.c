#include "store_schema.h"

#include <stdio.h>
#include <string.h>

#include "sandbox.h"

/* The tables of the database, and how those of former versions become them. */

#define VERSION 4

static const char tables[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE sandboxes ("
#define TEXT(name) #name " TEXT,"
#define INTEGER(name) #name " INTEGER NOT NULL,"
    DL_SANDBOX_COLUMNS(TEXT, TEXT, INTEGER)
#undef TEXT
#undef INTEGER
        " PRIMARY KEY (id)) WITHOUT ROWID;"
        "CREATE UNIQUE INDEX sandboxes_name ON sandboxes (name);"
        "CREATE INDEX sandboxes_pending ON sandboxes (pending)"
        " WHERE pending = 1;";

/* Version 1 had a column of no use and none that says what lists leave out. */
static const char from_1[] =
    "ALTER TABLE sandboxes DROP COLUMN port;"
    "ALTER TABLE sandboxes ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;"
    "UPDATE sandboxes SET hidden = 1"
    " WHERE state = 'error' AND desired_state = 'destroyed';";

/* Since version 4 there are pauses, and sandboxes that wait in pools. */
static const char from_3[] =
    "ALTER TABLE sandboxes ADD COLUMN warm_pool_id TEXT;"
    "ALTER TABLE sandboxes ADD COLUMN"
    " auto_pause_interval INTEGER NOT NULL DEFAULT 0;"
    "DROP INDEX IF EXISTS sandboxes_hidden;";

static const char since_4[] =
    "CREATE INDEX sandboxes_hidden ON sandboxes (hidden) WHERE hidden > 0;"
    "CREATE INDEX sandboxes_warm ON sandboxes (warm_pool_id)"
    " WHERE warm_pool_id IS NOT NULL;"
    "CREATE TABLE warm_pools (id TEXT PRIMARY KEY, snapshot TEXT NOT NULL,"
    " target TEXT NOT NULL, pool INTEGER NOT NULL, error_reason TEXT,"
    " created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
    " UNIQUE (snapshot, target)) WITHOUT ROWID;"
    "CREATE TABLE secrets (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " value TEXT NOT NULL, description TEXT, hosts TEXT NOT NULL,"
    " placeholder TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL) WITHOUT ROWID;";

/* An index for each order that lists have. A page is found in it alone: it has
 * the cursor's columns and what is left out; those of the usual orders have
 * the state, too, which is what lists are filtered by most. */
static const struct {
  const char *column;
  const char *more;
} orders[] = {{"last_activity_at", "id, hidden, state"},
              {"created_at", "id, hidden, state"},
              {"name", "id, hidden"},
              {"cpu", "id, hidden"},
              {"memory", "id, hidden"},
              {"disk", "id, hidden"},
              {"id", "hidden"},
              {"state", "id, hidden"},
              {"snapshot", "id, hidden"},
              {"target", "id, hidden"},
              {"updated_at", "id, hidden"}};

#define EACH_LABEL(labels)                                                     \
  "json_each(CASE WHEN json_valid(" labels ") THEN " labels " ELSE '{}' END)"
#define LABELS_OF_NEW                                                          \
  "INSERT OR IGNORE INTO labels SELECT key, type, ifnull(value, ''), new.id"   \
  " FROM " EACH_LABEL("new.labels") ";"

/* Since version 2. Labels have rows of their own, by which they are found. */
static const char labels[] =
    "CREATE INDEX sandboxes_by_lower_name ON sandboxes (lower(name), id);"
    "CREATE TABLE labels (key TEXT NOT NULL, type TEXT NOT NULL,"
    " value NOT NULL, id TEXT NOT NULL, PRIMARY KEY (key, type, value, id))"
    " WITHOUT ROWID;"
    "CREATE INDEX labels_by_id ON labels (id);"
    "INSERT OR IGNORE INTO labels"
    " SELECT l.key, l.type, ifnull(l.value, ''), s.id"
    " FROM sandboxes AS s, " EACH_LABEL(
        "s.labels") " AS l;"
                    "CREATE TRIGGER labels_begin AFTER INSERT ON sandboxes"
                    " BEGIN " LABELS_OF_NEW " END;"
                    "CREATE TRIGGER labels_change AFTER UPDATE OF labels ON "
                    "sandboxes"
                    " WHEN new.labels IS NOT old.labels BEGIN"
                    " DELETE FROM labels WHERE id = old.id; " LABELS_OF_NEW
                    " END;"
                    "CREATE TRIGGER labels_end AFTER DELETE ON sandboxes BEGIN"
                    " DELETE FROM labels WHERE id = old.id; END;";

/* Since version 3. An older program would start a sandbox without its volumes,
 * or with an empty home where it is to have that of a snapshot. */
static const char copies[] =
    "CREATE TABLE volumes (id TEXT PRIMARY KEY, name TEXT NOT NULL,"
    " state TEXT NOT NULL, error_reason TEXT, created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL, last_used_at INTEGER) WITHOUT ROWID;"
    "CREATE UNIQUE INDEX volumes_name ON volumes (name)"
    " WHERE state <> 'deleted';"
    "CREATE INDEX volumes_unsettled ON volumes (state)"
    " WHERE state IN ('pending_create', 'pending_delete');"
    "CREATE TABLE mounts (sandbox_id TEXT NOT NULL, position INTEGER NOT NULL,"
    " volume_id TEXT NOT NULL, mount_path TEXT NOT NULL, subpath TEXT,"
    " PRIMARY KEY (sandbox_id, position)) WITHOUT ROWID;"
    "CREATE INDEX mounts_volume ON mounts (volume_id);"
    "CREATE TRIGGER mounts_end AFTER DELETE ON sandboxes BEGIN"
    " DELETE FROM mounts WHERE sandbox_id = OLD.id; END;"
    "CREATE TABLE snapshots (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " state TEXT NOT NULL, image_name TEXT, entrypoint TEXT, size INTEGER,"
    " cpu INTEGER NOT NULL, memory INTEGER NOT NULL, disk INTEGER NOT NULL,"
    " error_reason TEXT, source_sandbox_id TEXT, created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL, last_used_at INTEGER) WITHOUT ROWID;"
    "CREATE TABLE origins (sandbox_id TEXT PRIMARY KEY, snapshot_id TEXT,"
    " parent_id TEXT, entrypoint TEXT) WITHOUT ROWID;"
    "CREATE INDEX origins_parent ON origins (parent_id);"
    "CREATE TRIGGER origins_end AFTER DELETE ON sandboxes BEGIN"
    " DELETE FROM origins WHERE sandbox_id = OLD.id; END;";

/* Tables that came later, whose rows end with their sandbox. An older program
 * leaves them alone, so they need no new version. */
#define LATER(name, columns)                                                   \
  "CREATE TABLE IF NOT EXISTS " name " (" columns ") WITHOUT ROWID",           \
      "CREATE TRIGGER IF NOT EXISTS " name "_end AFTER DELETE ON sandboxes "   \
      "BEGIN DELETE FROM " name " WHERE sandbox_id = OLD.id; END"
static const char *const later[] = {
    LATER("signing_keys", "sandbox_id TEXT PRIMARY KEY, key TEXT NOT NULL"),
    LATER("signed_previews",
          "digest TEXT PRIMARY KEY, sandbox_id TEXT, expires_at INTEGER")};
#undef LATER

static void advise(const char *path) {
  fprintf(stderr,
          "The file is damaged. Most of it can often be saved:\n"
          "  sqlite3 %s .recover | sqlite3 NEW\n"
          "then NEW takes its place, and %s-wal goes. Without the file the "
          "server begins with no sandboxes;\n"
          "what they hold stays in the directories sandboxes and archive "
          "beside it.\n",
          path, path);
}

void dl_store_complain(sqlite3 *db, const char *path, const char *what) {
  int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
  fprintf(stderr, "daytona-local: database %s: %s: %s\n", path, what,
          db ? sqlite3_errmsg(db) : "out of memory");
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    advise(path);
}

static int run(sqlite3 *db, const char *path, const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return 0;
  dl_store_complain(db, path, "its tables cannot be made");
  return -1;
}

static int add_orders(sqlite3 *db, const char *path) {
  char sql[160];
  for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
    snprintf(sql, sizeof sql,
             "CREATE INDEX sandboxes_by_%s ON sandboxes (%s, %s)",
             orders[i].column, orders[i].column, orders[i].more);
    if (run(db, path, sql))
      return -1;
  }
  return 0;
}

/* The steps of an upgrade. New tables have all columns from the start. */
static int step(sqlite3 *db, const char *path, int version) {
  if (version < 2 && (run(db, path, version == 0 ? tables : from_1) ||
                      add_orders(db, path) || run(db, path, labels)))
    return -1;
  if (version < 3 && run(db, path, copies))
    return -1;
  if (version > 0 && run(db, path, from_3))
    return -1;
  return run(db, path, since_4);
}

/* From the version that the file has, 0 being none, to ours: all or nothing. */
static int upgrade(sqlite3 *db, const char *path, int version) {
  if (run(db, path, "BEGIN IMMEDIATE"))
    return -1;
  if (step(db, path, version) == 0 &&
      run(db, path, "PRAGMA user_version = 4; COMMIT") == 0)
    return 0;
  sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
  return -1;
}

static int add_later(sqlite3 *db, const char *path) {
  for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
    if (run(db, path, later[i]))
      return -1;
  }
  return 0;
}

static int read_version(sqlite3 *db) {
  sqlite3_stmt *stmt = NULL;
  int version = -1;
  if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL) ==
          SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW)
    version = sqlite3_column_int(stmt, 0);
  sqlite3_finalize(stmt);
  return version;
}

/* Refuses a file whose pages do not hang together. What is wrong with one row
 * is that row's own affair. */
static int check(sqlite3 *db, const char *path) {
  static const char structure[] = "*** ";
  sqlite3_stmt *stmt = NULL;
  const char *said = NULL;
  int rc = 0;
  if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL) ==
          SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW)
    said = (const char *)sqlite3_column_text(stmt, 0);
  if (!said) {
    dl_store_complain(db, path, "it cannot be read");
    rc = -1;
  }
  else if (strncmp(said, structure, sizeof structure - 1) == 0) {
    fprintf(stderr, "daytona-local: database %s: %s\n", path, said);
    advise(path);
    rc = -1;
  }
  sqlite3_finalize(stmt);
  return rc;
}

int dl_store_schema(sqlite3 *db, const char *path) {
  int version = read_version(db);
  if (version < 0) {
    dl_store_complain(db, path, "it cannot be read");
    return -1;
  }
  if (version > VERSION) {
    fprintf(stderr,
            "daytona-local: the database %s has schema version %d, this "
            "program knows version %d. Use the daytona-local that wrote it, or "
            "give --data another directory.\n",
            path, version, VERSION);
    return -1;
  }
  if (version > 0 && check(db, path))
    return -1;
  if (version != VERSION && upgrade(db, path, version))
    return -1;
  return add_later(db, path);
}
