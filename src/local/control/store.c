#include "store.h"

#include <sqlite3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../strbuf.h"
#include "store_room.h"

#define SCHEMA_VERSION 1

struct dl_store {
  sqlite3 *db;
  dl_reserve *reserve;
  sqlite3_stmt *put;
  sqlite3_stmt *by_id;
  sqlite3_stmt *by_name;
};

#define NAME(name) "," #name
static const char columns[] = DL_SANDBOX_COLUMNS(NAME, NAME, NAME);
#undef NAME

static const char schema[] =
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
        "CREATE INDEX sandboxes_pending ON sandboxes (pending) WHERE pending = "
        "1;"
        "PRAGMA user_version = 1;";

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

static int report(dl_store *store, const char *what) {
  fprintf(stderr, "daytona-local: database: %s: %s\n", what,
          store->db ? sqlite3_errmsg(store->db) : "out of memory");
  return DL_STORE_ERROR;
}

static int run(dl_store *store, const char *sql) {
  if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
    return report(store, sql);
  return 0;
}

/* A step that writes. On a full disk it is tried again with the reserve. */
static int step_write(dl_store *store, sqlite3_stmt *stmt) {
  int rc = sqlite3_step(stmt);
  if ((rc == SQLITE_FULL || rc == SQLITE_IOERR) &&
      dl_reserve_release(store->reserve)) {
    sqlite3_reset(stmt);
    rc = sqlite3_step(stmt);
  }
  return rc;
}

static sqlite3_stmt *prepare(dl_store *store, const char *sql) {
  sqlite3_stmt *stmt = NULL;
  if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK)
    report(store, sql);
  return stmt;
}

/* Makes the tables of an empty database; refuses one that a newer program
 * made. */
static int migrate(dl_store *store) {
  int version = -1;
  sqlite3_stmt *stmt = prepare(store, "PRAGMA user_version");
  if (stmt && sqlite3_step(stmt) == SQLITE_ROW)
    version = sqlite3_column_int(stmt, 0);
  sqlite3_finalize(stmt);
  if (version == SCHEMA_VERSION)
    return 0;
  if (version != 0) {
    fprintf(stderr,
            "daytona-local: the database has schema version %d, this program "
            "knows version %d\n",
            version, SCHEMA_VERSION);
    return -1;
  }
  if (run(store, "BEGIN IMMEDIATE") || run(store, schema) ||
      run(store, "COMMIT"))
    return -1;
  return 0;
}

static int add_later(dl_store *store) {
  size_t i;
  for (i = 0; i < sizeof later / sizeof *later; i++) {
    if (dl_store_change(store, later[i], NULL))
      return -1;
  }
  return 0;
}

static sqlite3_stmt *prepare_put(dl_store *store) {
  dl_strbuf sql = {0};
  sqlite3_stmt *stmt = NULL;
  dl_strbuf_addf(&sql, "INSERT INTO sandboxes (%s) VALUES (", columns + 1);
#define PLACE(name) dl_strbuf_adds(&sql, "?,");
  DL_SANDBOX_COLUMNS(PLACE, PLACE, PLACE)
#undef PLACE
  if (!sql.failed)
    sql.data[--sql.len] = '\0';
  dl_strbuf_adds(&sql, ") ON CONFLICT (id) DO UPDATE SET id = excluded.id");
#define SET(name) dl_strbuf_adds(&sql, "," #name " = excluded." #name);
  DL_SANDBOX_COLUMNS(SET, SET, SET)
#undef SET
  if (!sql.failed)
    stmt = prepare(store, sql.data);
  dl_strbuf_free(&sql);
  return stmt;
}

static sqlite3_stmt *prepare_select(dl_store *store, const char *tail) {
  dl_strbuf sql = {0};
  sqlite3_stmt *stmt = NULL;
  dl_strbuf_addf(&sql, "SELECT %s FROM sandboxes %s", columns + 1, tail);
  if (!sql.failed)
    stmt = prepare(store, sql.data);
  dl_strbuf_free(&sql);
  return stmt;
}

/* Only this process uses the file (see the lock of the data directory), so its
 * index needs no shared memory, which a full disk might not give. */
static const char settings[] =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
    "PRAGMA wal_autocheckpoint = " DL_STORE_ROOM_CHECKPOINT;

/* Opens or makes the database at `path`. The reserve, which must outlive it, is
 * released when the disk is full. 0, or -1 after a message on stderr. The
 * caller closes *out. */
int dl_store_open(dl_store **out, const char *path, dl_reserve *reserve) {
  dl_store *store = calloc(1, sizeof *store);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  *out = NULL;
  if (!store)
    return -1;
  store->reserve = reserve;
  if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
    report(store, path);
    dl_store_close(store);
    return -1;
  }
  sqlite3_busy_timeout(store->db, 5000);
  if (run(store, settings) || migrate(store) || add_later(store) ||
      !(store->put = prepare_put(store)) ||
      !(store->by_id = prepare_select(store, "WHERE id = ?")) ||
      !(store->by_name = prepare_select(store, "WHERE name = ?"))) {
    dl_store_close(store);
    return -1;
  }
  dl_store_room_make(store->db, path);
  *out = store;
  return 0;
}

/* Closes the database; NULL is fine. */
void dl_store_close(dl_store *store) {
  if (!store)
    return;
  sqlite3_finalize(store->put);
  sqlite3_finalize(store->by_id);
  sqlite3_finalize(store->by_name);
  sqlite3_close(store->db);
  free(store);
}

/* Writes the row of that id, new or not. 0, or DL_STORE_ERROR. */
int dl_store_put(dl_store *store, const dl_sandbox *sb) {
  sqlite3_stmt *stmt = store->put;
  int i = 1, rc;
#define BIND_TEXT(name) sqlite3_bind_text(stmt, i++, sb->name, -1, NULL);
#define BIND_STATE(name)                                                       \
  sqlite3_bind_text(stmt, i++, dl_sandbox_state_name(sb->name), -1, NULL);
#define BIND_INTEGER(name) sqlite3_bind_int64(stmt, i++, sb->name);
  DL_SANDBOX_COLUMNS(BIND_TEXT, BIND_STATE, BIND_INTEGER)
#undef BIND_TEXT
#undef BIND_STATE
#undef BIND_INTEGER
  rc = step_write(store, stmt);
  if (rc != SQLITE_DONE)
    report(store, "write of a sandbox");
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  return rc == SQLITE_DONE ? 0 : DL_STORE_ERROR;
}

/* A row that another version wrote, or that was damaged, is an error of its
 * own. */
static int mark_unknown(dl_sandbox *sb) {
  if (sb->desired_state == DL_STATES)
    sb->desired_state = DL_STOPPED;
  sb->state = DL_ERROR;
  sb->pending = 0;
  return dl_sandbox_set(&sb->error_reason,
                        "the database has a state for this sandbox that this "
                        "version does not know");
}

/* Reads the present row into `out` (zeroed). 0, or -1 without memory. */
static int read_row(sqlite3_stmt *stmt, dl_sandbox *out) {
  int i = 0, failed = 0;
  bool unknown = false;
  const char *text;
#define READ_TEXT(name)                                                        \
  text = (const char *)sqlite3_column_text(stmt, i++);                         \
  failed |= dl_sandbox_set(&out->name, text);
#define READ_STATE(name)                                                       \
  out->name =                                                                  \
      dl_sandbox_state_of((const char *)sqlite3_column_text(stmt, i++));       \
  unknown |= out->name == DL_STATES;
#define READ_INTEGER(name) out->name = sqlite3_column_int64(stmt, i++);
  DL_SANDBOX_COLUMNS(READ_TEXT, READ_STATE, READ_INTEGER)
#undef READ_TEXT
#undef READ_STATE
#undef READ_INTEGER
  if (unknown)
    failed |= mark_unknown(out);
  if (!failed)
    return 0;
  dl_sandbox_clear(out);
  return -1;
}

static int get(dl_store *store, sqlite3_stmt *stmt, const char *key,
               dl_sandbox *out) {
  int rc, answer = DL_STORE_NONE;
  memset(out, 0, sizeof *out);
  sqlite3_bind_text(stmt, 1, key, -1, NULL);
  rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW)
    answer = read_row(stmt, out) ? DL_STORE_ERROR : DL_STORE_FOUND;
  else if (rc != SQLITE_DONE)
    answer = report(store, "read of a sandbox");
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  return answer;
}

/* Reads the row with that id into `out`, which is overwritten; the caller
 * clears it. DL_STORE_FOUND, _NONE or _ERROR. */
int dl_store_get(dl_store *store, const char *id, dl_sandbox *out) {
  return get(store, store->by_id, id, out);
}

/* The same by name. */
int dl_store_get_by_name(dl_store *store, const char *name, dl_sandbox *out) {
  return get(store, store->by_name, name, out);
}

static void bind_value(sqlite3_stmt *stmt, int i, const json_t *value) {
  if (json_is_string(value))
    sqlite3_bind_text(stmt, i, json_string_value(value),
                      (int)json_string_length(value), NULL);
  else if (json_is_integer(value))
    sqlite3_bind_int64(stmt, i, json_integer_value(value));
  else if (json_is_real(value))
    sqlite3_bind_double(stmt, i, json_real_value(value));
  else
    sqlite3_bind_null(stmt, i);
}

static void bind_values(sqlite3_stmt *stmt, const json_t *values) {
  size_t i;
  for (i = 0; i < json_array_size(values); i++)
    bind_value(stmt, (int)i + 1, json_array_get(values, i));
}

/* Runs a statement that changes rows, its `?` taken from the array `values`
 * (NULL: none). 0, or DL_STORE_ERROR. */
int dl_store_change(dl_store *store, const char *sql, const json_t *values) {
  return dl_store_text(store, sql, values, NULL) < 0 ? DL_STORE_ERROR : 0;
}

/* The same with an answer: the first column of the first row goes to *out, to
 * be freed. DL_STORE_FOUND, _NONE or _ERROR. */
int dl_store_text(dl_store *store, const char *sql, const json_t *values,
                  char **out) {
  sqlite3_stmt *stmt = prepare(store, sql);
  int rc, answer = DL_STORE_NONE;
  if (!stmt)
    return DL_STORE_ERROR;
  bind_values(stmt, values);
  rc = step_write(store, stmt);
  if (rc == SQLITE_ROW && out) {
    const char *text = (const char *)sqlite3_column_text(stmt, 0);
    *out = text ? strdup(text) : NULL;
    answer = *out ? DL_STORE_FOUND : DL_STORE_ERROR;
  }
  else if (rc != SQLITE_ROW && rc != SQLITE_DONE)
    answer = report(store, sql);
  sqlite3_finalize(stmt);
  return answer;
}

/* Deletes the row of that id, if there is one. 0, or DL_STORE_ERROR. */
int dl_store_delete(dl_store *store, const char *id) {
  static const char sql[] = "DELETE FROM sandboxes WHERE id = ?";
  json_t *values = json_pack("[s]", id);
  int rc = values ? dl_store_change(store, sql, values) : DL_STORE_ERROR;
  json_decref(values);
  return rc;
}

/* Visits the rows that the SQL `tail` ("WHERE ... ORDER BY ...") selects, its
 * `?` taken from the array `values` (NULL: none). 0, or DL_STORE_ERROR; a
 * visitor that stops is no error. */
int dl_store_each(dl_store *store, const char *tail, const json_t *values,
                  dl_store_visit *visit, void *arg) {
  sqlite3_stmt *stmt = prepare_select(store, tail);
  dl_sandbox sb = {0};
  int rc, stop = 0;
  if (!stmt)
    return DL_STORE_ERROR;
  bind_values(stmt, values);
  while (!stop && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
    if (read_row(stmt, &sb)) {
      sqlite3_finalize(stmt);
      return DL_STORE_ERROR;
    }
    stop = visit(&sb, arg);
    dl_sandbox_clear(&sb);
  }
  if (!stop && rc != SQLITE_DONE)
    report(store, "list of sandboxes");
  sqlite3_finalize(stmt);
  return stop || rc == SQLITE_DONE ? 0 : DL_STORE_ERROR;
}

static int collect_id(const dl_sandbox *sb, void *arg) {
  return json_array_append_new(arg, json_string(sb->id));
}

/* The ids of the rows that `tail` selects, for callers that change rows while
 * they go through them. A new array, short or NULL after an error (which is
 * on stderr). */
json_t *dl_store_ids(dl_store *store, const char *tail, const json_t *values) {
  json_t *ids = json_array();
  if (ids)
    dl_store_each(store, tail, values, collect_id, ids);
  return ids;
}

/* The number of rows that `tail` selects, or DL_STORE_ERROR. */
int64_t dl_store_count(dl_store *store, const char *tail,
                       const json_t *values) {
  dl_strbuf sql = {0};
  sqlite3_stmt *stmt = NULL;
  int64_t n = DL_STORE_ERROR;
  dl_strbuf_addf(&sql, "SELECT count(*) FROM sandboxes %s", tail);
  if (!sql.failed)
    stmt = prepare(store, sql.data);
  dl_strbuf_free(&sql);
  if (!stmt)
    return n;
  bind_values(stmt, values);
  if (sqlite3_step(stmt) == SQLITE_ROW)
    n = sqlite3_column_int64(stmt, 0);
  else
    report(store, "count of sandboxes");
  sqlite3_finalize(stmt);
  return n;
}

/* The lasting value of `key`, which becomes `initial` when there is none yet.
 * To be freed; NULL after an error. */
char *dl_store_meta(dl_store *store, const char *key, const char *initial) {
  char *value = NULL;
  json_t *values = json_pack("[s,s]", key, initial);
  if (values)
    dl_store_text(store,
                  "INSERT INTO meta (key, value) VALUES (?, ?)"
                  " ON CONFLICT (key) DO UPDATE SET value = value"
                  " RETURNING value",
                  values, &value);
  json_decref(values);
  return value;
}
