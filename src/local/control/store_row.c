#include "store_row.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strbuf.h"
#include "catalog.h"

#define MOST_UNITS 1000000 /* of cores and GiB: more is no size */

#define COMMA(name) "," #name
static const char columns[] = DL_SANDBOX_COLUMNS(COMMA, COMMA, COMMA);
#undef COMMA

/* A row that is being read: the first column that has no proper value. */
typedef struct row {
  sqlite3_stmt *stmt;
  const char *damaged;
  bool failed; /* no memory */
} row;

const char *dl_store_row_columns(void) {
  return columns + 1;
}

static void blame(row *r, const char *name) {
  if (!r->damaged)
    r->damaged = name;
}

static void read_text(row *r, int i, const char *name, char **out) {
  int type = sqlite3_column_type(r->stmt, i);
  if (type == SQLITE_NULL)
    return;
  const char *text = (const char *)sqlite3_column_text(r->stmt, i);
  size_t len = (size_t)sqlite3_column_bytes(r->stmt, i);
  if (type == SQLITE_TEXT && text && strlen(text) == len &&
      dl_strbuf_is_utf8(text, len))
    r->failed |= dl_sandbox_set(out, text) != 0;
  else
    blame(r, name);
}

static dl_state read_state(row *r, int i, const char *name) {
  dl_state state =
      dl_sandbox_state_of((const char *)sqlite3_column_text(r->stmt, i));
  if (state == DL_STATES)
    blame(r, name);
  return state;
}

static int64_t read_integer(row *r, int i, const char *name) {
  if (sqlite3_column_type(r->stmt, i) == SQLITE_INTEGER)
    return sqlite3_column_int64(r->stmt, i);
  blame(r, name);
  return 0;
}

static void require(row *r, const char *name, char **text,
                    const char *initial) {
  if (*text)
    return;
  blame(r, name);
  r->failed |= dl_sandbox_set(text, initial) != 0;
}

static void check_size(row *r, const char *name, int64_t *size) {
  if (*size >= 0 && *size <= MOST_UNITS)
    return;
  blame(r, name);
  *size = 1;
}

static void check_object(row *r, const char *name, char **text) {
  json_t *object = *text ? json_loads(*text, JSON_ALLOW_NUL, NULL) : NULL;
  if (!json_is_object(object)) {
    blame(r, name);
    r->failed |= dl_sandbox_set(text, "{}") != 0;
  }
  json_decref(object);
}

/* An id names a directory. */
static bool is_id(const char *id) {
  return id && *id && id[0] != '.' && !strchr(id, '/');
}

/* What was damaged gets a value with which the rest of the program can live;
 * the sandbox is an error then, from which it can be recovered. */
static void mend(row *r, dl_sandbox *sb, bool thoroughly) {
  require(r, "name", &sb->name, sb->id);
  require(r, "target", &sb->target, dl_catalog_regions[0]);
  require(r, "user", &sb->user, "daytona");
  check_size(r, "cpu", &sb->cpu);
  check_size(r, "memory", &sb->memory);
  check_size(r, "disk", &sb->disk);
  if (thoroughly) {
    check_object(r, "env", &sb->env);
    check_object(r, "labels", &sb->labels);
  }
}

static void mark(row *r, dl_sandbox *sb) {
  dl_strbuf why = {0};
  if (sb->desired_state == DL_STATES)
    sb->desired_state = DL_STOPPED;
  sb->state = DL_ERROR;
  sb->pending = 0;
  sb->recoverable = sb->desired_state != DL_DESTROYED;
  dl_strbuf_addf(&why, "the database had no proper value for its %s",
                 r->damaged);
  r->failed |= why.failed || dl_sandbox_set(&sb->error_reason, why.data) != 0;
  dl_strbuf_free(&why);
}

int dl_store_row(sqlite3_stmt *stmt, dl_sandbox *out, const char **damaged) {
  row r = {stmt, NULL, false};
  int i = 0;
#define READ_TEXT(name) read_text(&r, i++, #name, &out->name);
#define READ_STATE(name) out->name = read_state(&r, i++, #name);
#define READ_INTEGER(name) out->name = read_integer(&r, i++, #name);
  DL_SANDBOX_COLUMNS(READ_TEXT, READ_STATE, READ_INTEGER)
#undef READ_TEXT
#undef READ_STATE
#undef READ_INTEGER
  if (!r.failed && !is_id(out->id))
    return 0;
  mend(&r, out, damaged != NULL);
  if (r.damaged)
    mark(&r, out);
  if (damaged)
    *damaged = r.damaged;
  return r.failed ? -1 : 1;
}
