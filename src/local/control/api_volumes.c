#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "query.h"
#include "volumes.h"

static int64_t number(const json_t *row, const char *name) {
  return json_integer_value(json_object_get(row, name));
}

static json_t *view(const dl_plane *plane, const json_t *row) {
  json_t *o = json_pack(
      "{s:O,s:O,s:s,s:O,s:o,s:o,s:o,s:O?}", "id", json_object_get(row, "id"),
      "name", json_object_get(row, "name"), "organizationId",
      plane->organization_id, "state", json_object_get(row, "state"),
      "createdAt", dl_view_time(number(row, "created_at")), "updatedAt",
      dl_view_time(number(row, "updated_at")), "lastUsedAt",
      dl_view_time(number(row, "last_used_at")), "errorReason",
      json_object_get(row, "error_reason"));
  return o;
}

/* GET /volumes?includeDeleted= */
void dl_api_volumes(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  const char *all = dl_http_query(req, "includeDeleted");
  bool deleted = all && strcmp(all, "true") == 0;
  json_t *rows, *row, *list = json_array();
  pthread_mutex_lock(&plane->lock);
  rows = dl_volumes_rows(plane,
                         deleted ? "ORDER BY created_at, id"
                                 : "WHERE state <> 'deleted'"
                                   " ORDER BY created_at, id",
                         NULL);
  pthread_mutex_unlock(&plane->lock);
  size_t i;
  json_array_foreach(rows, i, row) {
    json_array_append_new(list, view(plane, row));
  }
  if (rows)
    dl_http_reply_json(req, 200, list);
  else {
    json_decref(list);
    dl_api_broken(req);
  }
  json_decref(rows);
}

/* The row that `tail` finds by `key`, new; NULL: that was replied. */
static json_t *find(dl_http_request *req, const char *tail, const char *by,
                    const char *key) {
  json_t *row = NULL;
  int found = dl_volumes_find(dl_api_plane(req), tail, key, &row);
  if (found == DL_STORE_NONE)
    dl_api_fail(req, 404, "Volume with %s %s not found", by, key);
  else if (!row)
    dl_api_broken(req);
  return row;
}

static void get(dl_http_request *req, const char *tail, const char *by,
                const char *key) {
  dl_plane *plane = dl_api_plane(req);
  pthread_mutex_lock(&plane->lock);
  json_t *row = find(req, tail, by, key);
  pthread_mutex_unlock(&plane->lock);
  if (row)
    dl_http_reply_json(req, 200, view(plane, row));
  json_decref(row);
}

void dl_api_volume_get(dl_http_request *req) {
  get(req, "WHERE id = ?1", "ID", dl_http_param(req, "id"));
}

void dl_api_volume_by_name(dl_http_request *req) {
  get(req, "WHERE name = ?1 AND state <> 'deleted'", "name",
      dl_http_param(req, "name"));
}

/* The answer is the volume as it was first noted; it is ready right after. */
static void create(dl_http_request *req, dl_plane *plane, const char *name) {
  json_t *row = NULL;
  int found =
      name ? dl_volumes_find(plane, "WHERE name = ?1 AND state <> 'deleted'",
                             name, &row)
           : DL_STORE_NONE;
  if (found == DL_STORE_FOUND)
    dl_api_fail(req, 400, "Volume with name %s already exists", name);
  else if (found == DL_STORE_ERROR || dl_volumes_add(plane, name, &row))
    dl_api_broken(req);
  else {
    dl_volumes_settle(plane);
    dl_http_reply_json(req, 200, view(plane, row));
  }
  json_decref(row);
}

void dl_api_volume_create(dl_http_request *req) {
  static const dl_field fields[] = {{"name", DL_FIELD_NAME},
                                    {NULL, DL_FIELD_STRING}};
  dl_plane *plane = dl_api_plane(req);
  json_t *body = dl_api_body(req);
  dl_strbuf problems = {0};
  if (!body)
    return;
  dl_fields_check(body, fields, &problems);
  if (problems.len > 0)
    dl_api_fail(req, 400, "%s", problems.data);
  else if (dl_api_knows(req, body, fields)) {
    pthread_mutex_lock(&plane->lock);
    create(req, plane, dl_fields_text(body, "name"));
    pthread_mutex_unlock(&plane->lock);
  }
  dl_strbuf_free(&problems);
  json_decref(body);
}

static void delete (dl_http_request *req, dl_plane *plane, const char *id,
                    const char *state) {
  char *user = NULL;
  if (strcmp(state, "ready") != 0 && strcmp(state, "error") != 0) {
    dl_api_fail(req, 400,
                "Volume must be in 'ready' or 'error' state in order to be "
                "deleted");
    return;
  }
  int used = dl_volumes_user(plane, id, &user);
  if (used == DL_STORE_FOUND)
    dl_api_fail(req, 409,
                "Volume cannot be deleted because it is in use by one or more "
                "sandboxes (e.g. %s)",
                user);
  else if (used == DL_STORE_ERROR || dl_volumes_remove(plane, id))
    dl_api_broken(req);
  else {
    dl_volumes_settle(plane);
    dl_http_reply_empty(req, 200);
  }
  free(user);
}

void dl_api_volume_delete(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  pthread_mutex_lock(&plane->lock);
  json_t *row = find(req, "WHERE id = ?1", "ID", dl_http_param(req, "id"));
  if (row)
    delete (req, plane, json_string_value(json_object_get(row, "id")),
            json_string_value(json_object_get(row, "state")));
  pthread_mutex_unlock(&plane->lock);
  json_decref(row);
}
