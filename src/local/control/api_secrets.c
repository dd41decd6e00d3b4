#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "query.h"

/* Secrets are kept, and never given: no answer, no message and no log has a
 * value. */

#define MOST_AT_ONCE 1500 /* of the list without pages */
#define DEFAULT_LIMIT 100
#define MOST_LIMIT 200

#define PATTERN "^[a-zA-Z_][a-zA-Z0-9_-]*$"

/* A row without its value. */
#define SHOWN                                                                  \
  "id, name, description, created_at AS createdAt, placeholder, hosts,"        \
  " updated_at AS updatedAt"

static const dl_field fields[] = {{"name", DL_FIELD_STRING},
                                  {"value", DL_FIELD_STRING},
                                  {"description", DL_FIELD_STRING},
                                  {"hosts", DL_FIELD_TEXTS},
                                  {NULL, DL_FIELD_ANY}};

/* Makes what the database gave what clients see. */
static json_t *show(json_t *secret) {
  static const char *const times[] = {"createdAt", "updatedAt"};
  const char *text = json_string_value(json_object_get(secret, "hosts"));
  json_t *hosts = text ? json_loads(text, 0, NULL) : NULL;
  size_t i;
  json_object_set_new(secret, "hosts", hosts ? hosts : json_array());
  for (i = 0; i < 2; i++)
    json_object_set_new(
        secret, times[i],
        dl_view_time(json_integer_value(json_object_get(secret, times[i]))));
  return secret;
}

/* The rows that a statement gives, which has SHOWN; NULL after an error. Takes
 * `values`. */
static json_t *ask(dl_plane *plane, const char *sql, json_t *values) {
  pthread_mutex_lock(&plane->lock);
  json_t *rows = dl_store_rows(plane->store, sql, values);
  pthread_mutex_unlock(&plane->lock);
  json_decref(values);
  return rows;
}

/* Replies with the row that a statement gives, or says that there is none; one
 * that cannot be made is the caller's to explain. Takes `values`. */
static void reply_row(dl_http_request *req, unsigned status, const char *sql,
                      json_t *values) {
  json_t *rows = ask(dl_api_plane(req), sql, values);
  json_t *secret = json_array_get(rows, 0);
  if (secret)
    dl_http_reply_json(req, status, json_incref(show(secret)));
  else if (!rows)
    dl_api_broken(req);
  else if (dl_http_param(req, "id"))
    dl_api_fail(req, 404, "Secret with ID %s not found",
                dl_http_param(req, "id"));
  json_decref(rows);
}

static bool is_name(const char *name) {
  static const char letters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";
  return *name && *name != '-' && !(*name >= '0' && *name <= '9') &&
         name[strspn(name, letters)] == '\0';
}

static void require(const json_t *body, const char *name, dl_strbuf *problems) {
  if (dl_fields_text(body, name))
    return;
  dl_fields_problem(problems, "%s should not be empty", name);
  if (!dl_fields_get(body, name))
    dl_fields_problem(problems, "%s must be a string", name);
}

static void check_new(const json_t *body, dl_strbuf *problems) {
  const char *name = dl_fields_text(body, "name");
  require(body, "name", problems);
  if (name && !is_name(name))
    dl_fields_problem(problems,
                      "name must match /" PATTERN "/ regular expression");
  require(body, "value", problems);
}

/* The good body of a request, kept with it; NULL: it was refused. */
static json_t *read_body(dl_http_request *req, bool is_new) {
  json_t *body = dl_api_keep_body(req);
  const json_t *value = dl_fields_get(body, "value");
  dl_strbuf problems = {0};
  if (!body)
    return NULL;
  dl_fields_check(body, fields, &problems);
  if (is_new)
    check_new(body, &problems);
  else if (value && json_string_length(value) == 0 && json_is_string(value))
    dl_fields_problem(&problems, "value should not be empty");
  bool good = problems.len == 0;
  if (!good)
    dl_api_fail(req, 400, "%s", problems.data);
  dl_strbuf_free(&problems);
  return good && dl_api_knows(req, body, fields) ? body : NULL;
}

static char *hosts_of(const json_t *body) {
  const json_t *hosts = dl_fields_get(body, "hosts");
  return hosts ? json_dumps(hosts, JSON_COMPACT) : NULL;
}

/* A placeholder stands for the value where a program may see it. */
static json_t *new_row(dl_plane *plane, const json_t *body) {
  char id[DL_CRYPTO_UUID], token[33];
  char *hosts = hosts_of(body);
  dl_strbuf placeholder = {0};
  json_t *row = NULL;
  json_int_t now = (json_int_t)dl_plane_now(plane);
  if (dl_crypto_uuid(id) == 0 && dl_crypto_random_hex(token, 32) == 0) {
    dl_strbuf_addf(&placeholder, "dtn_secret_%s", token);
    row = json_pack("[s,s,s,s?,s,s,I,I]", id, dl_fields_text(body, "name"),
                    dl_fields_text(body, "value"),
                    dl_fields_text(body, "description"), hosts ? hosts : "[]",
                    placeholder.data, now, now);
  }
  dl_strbuf_free(&placeholder);
  free(hosts);
  return row;
}

/* POST /secret */
void dl_api_secret_create(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  json_t *body = read_body(req, true);
  json_t *row = body ? new_row(plane, body) : NULL;
  if (!body)
    return;
  if (!row) {
    dl_api_broken(req);
    return;
  }
  reply_row(req, 201,
            "INSERT INTO secrets (id, name, value, description, hosts,"
            " placeholder, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO NOTHING RETURNING " SHOWN,
            row);
  if (!dl_http_replied(req))
    dl_api_fail(req, 409, "Secret with name %s already exists",
                dl_fields_text(body, "name"));
}

void dl_api_secret_get(dl_http_request *req) {
  reply_row(req, 200, "SELECT " SHOWN " FROM secrets WHERE id = ?",
            json_pack("[s]", dl_http_param(req, "id")));
}

void dl_api_secret_update(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  json_t *body = read_body(req, false);
  char *hosts = hosts_of(body);
  if (body)
    reply_row(req, 200,
              "UPDATE secrets SET value = ifnull(?, value), description ="
              " ifnull(?, description), hosts = ifnull(?, hosts),"
              " updated_at = ? WHERE id = ? RETURNING " SHOWN,
              json_pack("[s?,s?,s?,I,s]",
                        json_string_value(dl_fields_get(body, "value")),
                        json_string_value(dl_fields_get(body, "description")),
                        hosts, (json_int_t)dl_plane_now(plane),
                        dl_http_param(req, "id")));
  free(hosts);
}

void dl_api_secret_delete(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  const char *id = dl_http_param(req, "id");
  json_t *values = json_pack("[s]", id);
  char *gone = NULL;
  pthread_mutex_lock(&plane->lock);
  int found = dl_store_text(plane->store,
                            "DELETE FROM secrets WHERE id = ? RETURNING id",
                            values, &gone);
  pthread_mutex_unlock(&plane->lock);
  if (found == DL_STORE_FOUND)
    dl_http_reply_empty(req, 204);
  else if (found == DL_STORE_ERROR)
    dl_api_broken(req);
  else
    dl_api_fail(req, 404, "Secret with ID %s not found", id);
  json_decref(values);
  free(gone);
}

static json_t *show_all(json_t *secrets) {
  json_t *secret;
  size_t i;
  json_array_foreach(secrets, i, secret) {
    show(secret);
  }
  return secrets;
}

void dl_api_secrets_all(dl_http_request *req) {
  json_t *list = ask(dl_api_plane(req),
                     "SELECT " SHOWN " FROM secrets ORDER BY created_at DESC,"
                     " id DESC LIMIT 1501",
                     NULL);
  if (!list)
    dl_api_broken(req);
  else if (json_array_size(list) > MOST_AT_ONCE)
    dl_api_fail(req, 400,
                "Too many secrets for one list: use /secret/paginated");
  else
    dl_http_reply_json(req, 200, json_incref(show_all(list)));
  json_decref(list);
}

/* By pages */

static const dl_sort sorts[] = {{"createdAt", "created_at"},
                                {"name", "name"},
                                {"updatedAt", "updated_at"},
                                {NULL, NULL}};

/* Continues behind the cursor's row. */
static void add_cursor(dl_query *q, const char *column, bool descending) {
  const char *cursor = dl_http_query(q->req, "cursor");
  json_t *value = NULL, *id = NULL, *position;
  bool by_name = strcmp(column, "name") == 0;
  if (!cursor || !*cursor)
    return;
  position = dl_cursor_read(cursor, &value, &id);
  if (position && (by_name ? json_is_string(value) : json_is_integer(value))) {
    dl_strbuf_addf(&q->where, " AND (%s, id) %s (?, ?)", column,
                   descending ? "<" : ">");
    json_array_append(q->values, value);
    json_array_append(q->values, id);
  }
  else
    dl_fields_problem(&q->problems, "Invalid cursor provided: %s", cursor);
  json_decref(position);
}

/* The rows, one more than fit, as a page. */
static json_t *make_page(json_t *rows, const char *sort, size_t limit,
                         json_int_t total) {
  json_t *cursor = json_null();
  const json_t *last = json_array_get(rows, limit - 1);
  if (json_array_size(rows) > limit) {
    cursor = dl_cursor_make(json_incref(json_object_get(last, sort)),
                            json_string_value(json_object_get(last, "id")));
    json_array_remove(rows, limit);
  }
  return json_pack("{s:O,s:I,s:o}", "items", show_all(rows), "total", total,
                   "nextCursor", cursor);
}

/* How many the filter lets through, wherever a page begins; -1: an error. */
static json_int_t count(dl_plane *plane, json_t *name) {
  json_t *rows = ask(plane,
                     name ? "SELECT count(*) AS n FROM secrets"
                            " WHERE instr(lower(name), lower(?)) > 0"
                          : "SELECT count(*) AS n FROM secrets",
                     name ? json_pack("[O]", name) : NULL);
  const json_t *n = json_object_get(json_array_get(rows, 0), "n");
  json_int_t total = json_is_integer(n) ? json_integer_value(n) : -1;
  json_decref(rows);
  return total;
}

static void reply_page(dl_query *q, const dl_sort *sort, bool descending,
                       size_t limit, json_t *name) {
  dl_plane *plane = dl_api_plane(q->req);
  const char *direction = descending ? "DESC" : "ASC";
  json_int_t total = count(plane, name);
  json_t *rows = NULL;
  dl_strbuf sql = {0};
  dl_strbuf_addf(
      &sql, "SELECT " SHOWN " FROM secrets %s ORDER BY %s %s, id %s LIMIT %zu",
      q->where.data, sort->column, direction, direction, limit + 1);
  if (total >= 0 && !sql.failed)
    rows = ask(plane, sql.data, json_incref(q->values));
  if (rows)
    dl_http_reply_json(q->req, 200, make_page(rows, sort->name, limit, total));
  else
    dl_api_broken(q->req);
  json_decref(rows);
  dl_strbuf_free(&sql);
}

void dl_api_secrets_page(dl_http_request *req) {
  static const char *const known[] = {"access_token", "cursor", "limit", "name",
                                      "sort",         "order",  NULL};
  const char *text = dl_http_query(req, "name");
  json_t *name = text && *text ? json_string(text) : NULL;
  dl_query q;
  const dl_sort *sort;
  bool descending;
  size_t limit;
  dl_query_open(&q, req);
  dl_query_names(&q, known);
  limit = (size_t)dl_query_integer(req, "limit", 1, MOST_LIMIT, DEFAULT_LIMIT,
                                   &q.problems);
  if (name) {
    dl_strbuf_adds(&q.where, " AND instr(lower(name), lower(?)) > 0");
    json_array_append(q.values, name);
  }
  sort = dl_query_sort(&q, sorts, "name, createdAt, updatedAt");
  descending = dl_query_descending(&q);
  add_cursor(&q, sort->column, descending);
  if (!dl_query_refused(&q))
    reply_page(&q, sort, descending, limit, name);
  dl_query_close(&q);
  json_decref(name);
}
