#include "store_internal.h"

#include <string.h>

#include "store_schema.h"

/* Statements of any text. */

/* Says on stderr what went wrong. DL_STORE_ERROR. */
int dl_store_report(dl_store *store, const char *what) {
  dl_store_complain(store->db, store->path, what);
  return DL_STORE_ERROR;
}

/* A step that writes. On a full disk it is tried again with the reserve. */
int dl_store_step(dl_store *store, sqlite3_stmt *stmt) {
  int rc = sqlite3_step(stmt);
  if ((rc == SQLITE_FULL || rc == SQLITE_IOERR) &&
      dl_reserve_release(store->reserve)) {
    sqlite3_reset(stmt);
    rc = sqlite3_step(stmt);
  }
  return rc;
}

/* A kept statement, which its user has alone. NULL if there is none. */
static sqlite3_stmt *take_kept(dl_store *store, const char *sql) {
  sqlite3_stmt **kept = store->kept;
  for (size_t i = 0; i < DL_STORE_KEPT && kept[i]; i++) {
    sqlite3_stmt *stmt = kept[i];
    if (strcmp(sqlite3_sql(stmt), sql) != 0)
      continue;
    memmove(kept + i, kept + i + 1, (DL_STORE_KEPT - 1 - i) * sizeof *kept);
    kept[DL_STORE_KEPT - 1] = NULL;
    return stmt;
  }
  return NULL;
}

/* To be given back by dl_store_done. NULL after a message. */
sqlite3_stmt *dl_store_prepare(dl_store *store, const char *sql) {
  sqlite3_stmt *stmt = take_kept(store, sql);
  if (stmt)
    return stmt;
  if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) != SQLITE_OK)
    dl_store_report(store, sql);
  return stmt;
}

/* Ends the use of a statement, which is kept in place of the one that was not
 * used for the longest time. NULL is fine. */
void dl_store_done(dl_store *store, sqlite3_stmt *stmt) {
  sqlite3_stmt **kept = store->kept;
  if (!stmt || strlen(sqlite3_sql(stmt)) > DL_STORE_KEPT_LENGTH) {
    sqlite3_finalize(stmt);
    return;
  }
  sqlite3_reset(stmt);
  sqlite3_clear_bindings(stmt);
  sqlite3_finalize(kept[DL_STORE_KEPT - 1]);
  memmove(kept + 1, kept, (DL_STORE_KEPT - 1) * sizeof *kept);
  kept[0] = stmt;
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

/* Gives the statement's `?` the values of an array; NULL: none. */
void dl_store_bind(sqlite3_stmt *stmt, const json_t *values) {
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
  sqlite3_stmt *stmt = dl_store_prepare(store, sql);
  int rc, answer = DL_STORE_NONE;
  if (!stmt)
    return DL_STORE_ERROR;
  dl_store_bind(stmt, values);
  rc = dl_store_step(store, stmt);
  if (rc == SQLITE_ROW && out) {
    const char *text = (const char *)sqlite3_column_text(stmt, 0);
    *out = text ? strdup(text) : NULL;
    answer = *out ? DL_STORE_FOUND : DL_STORE_ERROR;
  }
  else if (rc != SQLITE_ROW && rc != SQLITE_DONE)
    answer = dl_store_report(store, sql);
  dl_store_done(store, stmt);
  return answer;
}

static json_t *value_of(sqlite3_stmt *stmt, int i) {
  switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_INTEGER:
      return json_integer(sqlite3_column_int64(stmt, i));
    case SQLITE_TEXT:
      return json_string((const char *)sqlite3_column_text(stmt, i));
    default:
      return NULL;
  }
}

/* The rows that a SELECT or a RETURNING gives, its `?` taken from the array
 * `values` (NULL: none), as a new array of objects by the names of the columns;
 * what is NULL, or neither an integer nor a text, is left out. NULL after an
 * error, which is on stderr. */
json_t *dl_store_rows(dl_store *store, const char *sql, const json_t *values) {
  sqlite3_stmt *stmt = dl_store_prepare(store, sql);
  json_t *rows = json_array();
  int i, rc = SQLITE_NOMEM;
  dl_store_bind(stmt, values);
  while (stmt && rows && (rc = dl_store_step(store, stmt)) == SQLITE_ROW) {
    json_t *row = json_object();
    for (i = 0; i < sqlite3_column_count(stmt); i++)
      json_object_set_new(row, sqlite3_column_name(stmt, i), value_of(stmt, i));
    json_array_append_new(rows, row);
  }
  if (stmt && rc != SQLITE_DONE)
    dl_store_report(store, sql);
  if (rc != SQLITE_DONE) {
    json_decref(rows);
    rows = NULL;
  }
  dl_store_done(store, stmt);
  return rows;
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
