#include "api.h"

#include <ctype.h>
#include <string.h>

#include "as.h"
#include "catalog.h"
#include "query.h"
#include "snapshots.h"

static int64_t number(const json_t *row, const char *name) {
  return json_integer_value(json_object_get(row, name));
}

static const char *text(const json_t *row, const char *name) {
  return json_string_value(json_object_get(row, name));
}

/* An older server has no such state. */
static const char *shown_state(const json_t *row) {
  const char *state = text(row, "state");
  return dl_as_now()->no_newer && strcmp(state, "snapshotting") == 0 ? "pending"
                                                                     : state;
}

static json_t *size_of(const json_t *row) {
  return json_object_get(row, "size")
             ? json_real((double)number(row, "size") / (1 << 30))
             : json_null();
}

static json_t *entrypoint_of(const json_t *row) {
  const char *list = text(row, "entrypoint");
  json_t *value = list ? json_loads(list, 0, NULL) : NULL;
  return value ? value : json_null();
}

json_t *dl_api_snapshot_view(const dl_plane *plane, const json_t *row) {
  json_t *regions = json_array();
  bool general = dl_snapshots_general(row);
  for (size_t i = 0; dl_catalog_regions[i]; i++)
    json_array_append_new(regions, json_string(dl_catalog_regions[i]));
  return json_pack(
      "{s:s,s:s*,s:b,s:s,s:s*,s:s*,s:s,s:o,s:o,s:I,s:i,s:I,s:I,s:s?,s:o,s:o,"
      "s:o,s:s?,s:o,s:s}",
      "id", text(row, "id"), "organizationId",
      general ? NULL : plane->organization_id, "general", general, "name",
      text(row, "name"), "imageName", text(row, "image_name"), "ref",
      text(row, "image_name") ? "host" : NULL, "state", shown_state(row),
      "size", size_of(row), "entrypoint", entrypoint_of(row), "cpu",
      (json_int_t)number(row, "cpu"), "gpu", 0, "mem",
      (json_int_t)number(row, "memory"), "disk",
      (json_int_t)number(row, "disk"), "errorReason", text(row, "error_reason"),
      "createdAt", dl_view_time(number(row, "created_at")), "updatedAt",
      dl_view_time(number(row, "updated_at")), "lastUsedAt",
      dl_view_time(number(row, "last_used_at")), "sourceSandboxId",
      text(row, "source_sandbox_id"), "regionIds", regions, "sandboxClass",
      "container");
}

#define FILTER                                                                 \
  "WHERE (?1 IS NULL OR instr(lower(name), lower(?1)) > 0)"                    \
  " AND (?2 IS NULL OR source_sandbox_id = ?2)"

static json_t *read_page(dl_plane *plane, const json_t *values,
                         const dl_sort *sort, bool down, int64_t *total) {
  dl_strbuf tail = {0};
  json_t *rows = NULL, *counted;
  dl_strbuf_addf(&tail,
                 FILTER " ORDER BY %s %s NULLS LAST, id LIMIT ?3 OFFSET ?4",
                 sort->column, down ? "DESC" : "ASC");
  pthread_mutex_lock(&plane->lock);
  if (!tail.failed)
    rows = dl_snapshots_rows(plane, tail.data, values);
  counted = dl_store_rows(
      plane->store, "SELECT count(*) AS n FROM snapshots " FILTER, values);
  pthread_mutex_unlock(&plane->lock);
  *total = number(json_array_get(counted, 0), "n");
  json_decref(counted);
  dl_strbuf_free(&tail);
  return rows;
}

static void reply_page(dl_http_request *req, const json_t *rows, int64_t total,
                       int64_t page, int64_t limit) {
  json_t *items = json_array(), *row;
  size_t i;
  json_array_foreach(rows, i, row) {
    json_array_append_new(items, dl_api_snapshot_view(dl_api_plane(req), row));
  }
  dl_http_reply_json(req, 200,
                     json_pack("{s:o,s:I,s:I,s:I}", "items", items, "total",
                               (json_int_t)total, "page", (json_int_t)page,
                               "totalPages",
                               (json_int_t)((total + limit - 1) / limit)));
}

/* GET /snapshots?page&limit&name&sourceSandboxId&sort&order */
void dl_api_snapshots(dl_http_request *req) {
  static const dl_sort sorts[] = {{"lastUsedAt", "last_used_at"},
                                  {"name", "name"},
                                  {"state", "state"},
                                  {"createdAt", "created_at"},
                                  {NULL, NULL}};
  dl_query q;
  dl_query_open(&q, req);
  int64_t page = dl_query_integer(req, "page", 1, INT32_MAX, 1, &q.problems);
  int64_t limit = dl_query_integer(req, "limit", 1, 200, 100, &q.problems);
  const dl_sort *sort =
      dl_query_sort(&q, sorts, "name, state, lastUsedAt, createdAt");
  bool down = dl_query_descending(&q);
  int64_t total;
  json_t *values, *rows;
  if (!dl_query_refused(&q)) {
    values = json_pack("[s?,s?,I,I]", dl_http_query(req, "name"),
                       dl_http_query(req, "sourceSandboxId"), (json_int_t)limit,
                       (json_int_t)((page - 1) * limit));
    rows = values ? read_page(dl_api_plane(req), values, sort, down, &total)
                  : NULL;
    if (rows)
      reply_page(req, rows, total, page, limit);
    else
      dl_api_broken(req);
    json_decref(rows);
    json_decref(values);
  }
  dl_query_close(&q);
}

typedef void action(dl_http_request *req, dl_plane *plane, const json_t *row);

/* Runs `act`, which replies, on the snapshot of the path. */
static void on_snapshot(dl_http_request *req, action *act) {
  dl_plane *plane = dl_api_plane(req);
  const char *key = dl_http_param(req, "id");
  json_t *row = NULL;
  pthread_mutex_lock(&plane->lock);
  int found = dl_snapshots_find(plane, key, &row);
  if (row)
    act(req, plane, row);
  else if (found == DL_STORE_NONE)
    dl_api_fail(req, 404, "Snapshot with name %s not found", key);
  else
    dl_api_broken(req);
  pthread_mutex_unlock(&plane->lock);
  json_decref(row);
}

static void get(dl_http_request *req, dl_plane *plane, const json_t *row) {
  dl_http_reply_json(req, 200, dl_api_snapshot_view(plane, row));
}

void dl_api_snapshot_get(dl_http_request *req) {
  on_snapshot(req, get);
}

static bool is_uuid(const char *id) {
  size_t i;
  for (i = 0; id[i]; i++) {
    bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? id[i] != '-' : !isxdigit((unsigned char)id[i]))
      return false;
  }
  return i == DL_CRYPTO_UUID - 1;
}

/* One that is being made is removed when that has ended. */
static void remove_snapshot(dl_http_request *req, dl_plane *plane,
                            const json_t *row) {
  const char *id = text(row, "id");
  if (dl_snapshots_general(row)) {
    dl_api_fail(req, 403, "You cannot delete a general snapshot");
    return;
  }
  int rc;
  if (strcmp(text(row, "state"), "snapshotting") == 0)
    rc = dl_snapshots_become(plane, id, "removing", -1, NULL);
  else
    rc = dl_snapshots_remove(plane, id);
  if (rc)
    dl_api_broken(req);
  else
    dl_http_reply_empty(req, 200);
}

void dl_api_snapshot_delete(dl_http_request *req) {
  if (is_uuid(dl_http_param(req, "id")))
    on_snapshot(req, remove_snapshot);
  else
    dl_api_fail(req, 400, "Validation failed (uuid is expected)");
}

static void activate(dl_http_request *req, dl_plane *plane, const json_t *row) {
  const char *state = text(row, "state"), *id = text(row, "id");
  json_t *now = NULL;
  if (strcmp(state, "active") == 0)
    dl_api_fail(req, 400, "Snapshot %s is already active",
                dl_http_param(req, "id"));
  else if (strcmp(state, "inactive") != 0)
    dl_api_fail(req, 400, "Snapshot %s cannot be activated - it is in %s state",
                dl_http_param(req, "id"), shown_state(row));
  else if (dl_snapshots_become(plane, id, "active", -1, NULL) ||
           dl_snapshots_used(plane, id) ||
           dl_snapshots_find(plane, id, &now) != DL_STORE_FOUND)
    dl_api_broken(req);
  else
    dl_http_reply_json(req, 200, dl_api_snapshot_view(plane, now));
  json_decref(now);
}

void dl_api_snapshot_activate(dl_http_request *req) {
  on_snapshot(req, activate);
}

static void deactivate(dl_http_request *req, dl_plane *plane,
                       const json_t *row) {
  const char *state = text(row, "state");
  if (dl_snapshots_general(row))
    dl_api_fail(req, 403, "You cannot deactivate a general snapshot");
  else if (strcmp(state, "active") != 0 && strcmp(state, "inactive") != 0)
    dl_api_fail(req, 400,
                "Snapshot %s cannot be deactivated - it is in %s state",
                dl_http_param(req, "id"), shown_state(row));
  else if (dl_snapshots_become(plane, text(row, "id"), "inactive", -1, NULL))
    dl_api_broken(req);
  else
    dl_http_reply_empty(req, 204);
}

void dl_api_snapshot_deactivate(dl_http_request *req) {
  on_snapshot(req, deactivate);
}

static void no_logs(dl_http_request *req, dl_plane *plane, const json_t *row) {
  (void)plane;
  (void)row;
  dl_api_fail(req, 404, "Snapshot %s has no build info",
              dl_http_param(req, "id"));
}

void dl_api_snapshot_build_logs(dl_http_request *req) {
  on_snapshot(req, no_logs);
}
