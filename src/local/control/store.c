#include "store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strbuf.h"
#include "store_mend.h"
#include "store_room.h"
#include "store_row.h"
#include "store_schema.h"

static int run(dl_store *store, const char *sql) {
  if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
    return dl_store_report(store, sql);
  return 0;
}

/* Columns that have an index and hardly ever change. */
static bool is_fixed(const char *name) {
  static const char *const fixed[] = {"id",       "name",       "target",
                                      "snapshot", "cpu",        "memory",
                                      "disk",     "created_at", "hidden"};
  size_t i;
  for (i = 0; i < sizeof fixed / sizeof *fixed; i++) {
    if (strcmp(fixed[i], name) == 0)
      return true;
  }
  return false;
}

static const char *const column_names[] = {
#define QUOTED(name) #name,
    DL_SANDBOX_COLUMNS(QUOTED, QUOTED, QUOTED)
#undef QUOTED
};

#define COLUMNS (sizeof column_names / sizeof *column_names)

/* Its `?` are numbered as the columns are. */
static sqlite3_stmt *prepare_put(dl_store *store) {
  dl_strbuf sql = {0};
  sqlite3_stmt *stmt = NULL;
  dl_strbuf_addf(&sql, "INSERT INTO sandboxes (%s) VALUES (?",
                 dl_store_row_columns());
  for (size_t i = 1; i < COLUMNS; i++)
    dl_strbuf_adds(&sql, ",?");
  dl_strbuf_adds(&sql, ") ON CONFLICT (id) DO UPDATE SET id = id");
  for (size_t i = 1; i < COLUMNS; i++)
    dl_strbuf_addf(&sql, ",%s = excluded.%s", column_names[i], column_names[i]);
  if (!sql.failed)
    stmt = dl_store_prepare(store, sql.data);
  dl_strbuf_free(&sql);
  return stmt;
}

/* The same, but it finds no row whose fixed columns are not these: so their
 * indexes need not be written. */
static sqlite3_stmt *prepare_change(dl_store *store) {
  dl_strbuf sql = {0};
  sqlite3_stmt *stmt = NULL;
  const char *before = "";
  dl_strbuf_adds(&sql, "UPDATE sandboxes SET ");
  for (size_t i = 0; i < COLUMNS; i++) {
    if (is_fixed(column_names[i]))
      continue;
    dl_strbuf_addf(&sql, "%s%s = ?%zu", before, column_names[i], i + 1);
    before = ", ";
  }
  before = " WHERE";
  for (size_t i = 0; i < COLUMNS; i++) {
    if (!is_fixed(column_names[i]))
      continue;
    dl_strbuf_addf(&sql, "%s %s IS ?%zu", before, column_names[i], i + 1);
    before = " AND";
  }
  if (!sql.failed)
    stmt = dl_store_prepare(store, sql.data);
  dl_strbuf_free(&sql);
  return stmt;
}

static sqlite3_stmt *prepare(dl_store *store, const char *what,
                             const char *tail) {
  dl_strbuf sql = {0};
  sqlite3_stmt *stmt = NULL;
  dl_strbuf_addf(&sql, "SELECT %s FROM sandboxes %s", what, tail);
  if (!sql.failed)
    stmt = dl_store_prepare(store, sql.data);
  dl_strbuf_free(&sql);
  return stmt;
}

static sqlite3_stmt *prepare_select(dl_store *store, const char *tail) {
  return prepare(store, dl_store_row_columns(), tail);
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
  store->path = path;
  if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
    dl_store_report(store, "it cannot be opened");
    dl_store_close(store);
    return -1;
  }
  store->path = sqlite3_db_filename(store->db, "main");
  sqlite3_busy_timeout(store->db, 5000);
  if (run(store, settings) || dl_store_schema(store->db, store->path) ||
      !(store->put = prepare_put(store)) ||
      !(store->change = prepare_change(store)) ||
      !(store->by_id = prepare_select(store, "WHERE id = ?")) ||
      !(store->by_name = prepare_select(store, "WHERE name = ?")) ||
      dl_store_mend(store->db, dl_store_put, store)) {
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
  sqlite3_finalize(store->change);
  sqlite3_finalize(store->by_id);
  sqlite3_finalize(store->by_name);
  for (size_t i = 0; i < DL_STORE_KEPT; i++)
    sqlite3_finalize(store->kept[i]);
  sqlite3_close(store->db);
  free(store);
}

static void bind_row(sqlite3_stmt *stmt, const dl_sandbox *sb) {
  int i = 1;
#define BIND_TEXT(name) sqlite3_bind_text(stmt, i++, sb->name, -1, NULL);
#define BIND_STATE(name)                                                       \
  sqlite3_bind_text(stmt, i++, dl_sandbox_state_name(sb->name), -1, NULL);
#define BIND_INTEGER(name) sqlite3_bind_int64(stmt, i++, sb->name);
  DL_SANDBOX_COLUMNS(BIND_TEXT, BIND_STATE, BIND_INTEGER)
#undef BIND_TEXT
#undef BIND_STATE
#undef BIND_INTEGER
}

static int write_row(dl_store *store, sqlite3_stmt *stmt,
                     const dl_sandbox *sb) {
  bind_row(stmt, sb);
  int rc = dl_store_step(store, stmt);
  if (rc != SQLITE_DONE)
    dl_store_report(store, "write of a sandbox");
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  return rc == SQLITE_DONE ? 0 : DL_STORE_ERROR;
}

/* Writes the row of that id, new or not. 0, or DL_STORE_ERROR. */
int dl_store_put(dl_store *store, dl_sandbox *sb) {
  if (sb->warm_pool_id)
    sb->hidden = DL_HIDDEN_WARM;
  else if (sb->state == DL_ERROR && sb->desired_state == DL_DESTROYED)
    sb->hidden = DL_HIDDEN_ERROR;
  else
    sb->hidden = DL_SHOWN;
  if (write_row(store, store->change, sb))
    return DL_STORE_ERROR;
  return sqlite3_changes(store->db) ? 0 : write_row(store, store->put, sb);
}

static int get(dl_store *store, sqlite3_stmt *stmt, const char *key,
               dl_sandbox *out) {
  int rc, answer = DL_STORE_NONE;
  memset(out, 0, sizeof *out);
  sqlite3_bind_text(stmt, 1, key, -1, NULL);
  rc = sqlite3_step(stmt);
  if (rc == SQLITE_ROW)
    answer = dl_store_row(stmt, out, NULL);
  else if (rc != SQLITE_DONE)
    answer = dl_store_report(store, "read of a sandbox");
  if (answer != DL_STORE_FOUND)
    dl_sandbox_clear(out);
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
  int rc = SQLITE_ROW, stop = 0, found = 0;
  if (!stmt)
    return DL_STORE_ERROR;
  dl_store_bind(stmt, values);
  while (!stop && found >= 0 && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
    found = dl_store_row(stmt, &sb, NULL);
    if (found == DL_STORE_FOUND)
      stop = visit(&sb, arg);
    dl_sandbox_clear(&sb);
  }
  if (rc != SQLITE_ROW && rc != SQLITE_DONE)
    found = dl_store_report(store, "list of sandboxes");
  dl_store_done(store, stmt);
  return found < 0 ? DL_STORE_ERROR : 0;
}

/* The same, but `tail` finds ids only, for which an index may be enough; then
 * each row is read by itself, and nothing is sorted but by the index. */
int dl_store_each_found(dl_store *store, const char *tail, const json_t *values,
                        dl_store_visit *visit, void *arg) {
  sqlite3_stmt *stmt = prepare(store, "id", tail);
  dl_sandbox sb = {0};
  int rc = SQLITE_ROW, stop = 0, found = 0;
  if (!stmt)
    return DL_STORE_ERROR;
  dl_store_bind(stmt, values);
  while (!stop && found >= 0 && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
    const char *id = (const char *)sqlite3_column_text(stmt, 0);
    found = id ? dl_store_get(store, id, &sb) : DL_STORE_NONE;
    if (found == DL_STORE_FOUND)
      stop = visit(&sb, arg);
    dl_sandbox_clear(&sb);
  }
  if (rc != SQLITE_ROW && rc != SQLITE_DONE)
    found = dl_store_report(store, "search for sandboxes");
  dl_store_done(store, stmt);
  return found < 0 ? DL_STORE_ERROR : 0;
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
  sqlite3_stmt *stmt = prepare(store, "count(*)", tail);
  int64_t n = DL_STORE_ERROR;
  if (!stmt)
    return n;
  dl_store_bind(stmt, values);
  if (sqlite3_step(stmt) == SQLITE_ROW)
    n = sqlite3_column_int64(stmt, 0);
  else
    dl_store_report(store, "count of sandboxes");
  dl_store_done(store, stmt);
  return n;
}
