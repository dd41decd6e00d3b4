#include "api.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "pools.h"
#include "snapshots.h"

#define SIZE(of, as)                                                           \
  ", coalesce((SELECT " of " FROM snapshots AS t WHERE t.name = snapshot), 0)" \
  " AS " as
#define SHOWN                                                                  \
  "id, snapshot, target, pool, (SELECT count(*) FROM sandboxes AS s WHERE"     \
  " s.warm_pool_id = warm_pools.id AND s.state = 'started' AND"                \
  " s.desired_state = 'started') AS currentSize, error_reason AS errorReason," \
  " created_at AS createdAt, updated_at AS updatedAt" SIZE("cpu", "cpu")       \
      SIZE("memory", "mem") SIZE("disk", "disk")

static const dl_field fields[] = {{"snapshot", DL_FIELD_STRING},
                                  {"pool", DL_FIELD_ANY},
                                  {"target", DL_FIELD_STRING},
                                  {NULL, DL_FIELD_ANY}};

/* Makes what the database gave what clients see. */
static json_t *show(const dl_plane *plane, json_t *pool) {
  static const char *const times[] = {"createdAt", "updatedAt"};
  size_t i;
  json_t *more = json_pack("{s:s,s:s,s:{}}", "organizationId",
                           plane->organization_id, "osUser", "daytona", "env");
  json_object_update(pool, more);
  json_decref(more);
  for (i = 0; i < 2; i++)
    json_object_set_new(
        pool, times[i],
        dl_view_time(json_integer_value(json_object_get(pool, times[i]))));
  return pool;
}

/* Runs a statement that gives a row, has the supervisor look at the pools, and
 * replies with the row. Takes `values`. False: there is none. */
static bool reply_row(dl_http_request *req, unsigned status, const char *sql,
                      json_t *values) {
  dl_plane *plane = dl_api_plane(req);
  pthread_mutex_lock(&plane->lock);
  json_t *rows = dl_store_rows(plane->store, sql, values);
  plane->pools_changed = true;
  pthread_mutex_unlock(&plane->lock);
  dl_plane_wake(plane);
  json_t *pool = json_array_get(rows, 0);
  if (pool)
    dl_http_reply_json(req, status, json_incref(show(plane, pool)));
  else if (!rows)
    dl_api_broken(req);
  json_decref(values);
  json_decref(rows);
  return dl_http_replied(req);
}

static void not_there(dl_http_request *req) {
  dl_api_fail(req, 404, "Warm pool with ID %s not found",
              dl_http_param(req, "id"));
}

static void check_size(const json_t *body, int64_t least, dl_strbuf *problems) {
  const json_t *pool = dl_fields_get(body, "pool");
  double n = json_number_value(pool);
  if (!json_is_number(pool) || n < (double)least)
    dl_fields_problem(problems, "pool must not be less than %d", (int)least);
  if (json_is_number(pool) && n > DL_POOLS_MOST)
    dl_fields_problem(problems, "pool must not be greater than %d",
                      DL_POOLS_MOST);
  if (!json_is_number(pool) || n != floor(n))
    dl_fields_problem(problems, "pool must be an integer number");
}

/* The good body of a request, kept with it; NULL: it was refused. */
static json_t *read_body(dl_http_request *req, int64_t least) {
  json_t *body = dl_api_keep_body(req);
  dl_strbuf problems = {0};
  if (!body)
    return NULL;
  dl_fields_check(body, fields, &problems);
  if (least > 0 && !dl_fields_text(body, "snapshot"))
    dl_fields_problem(&problems, "snapshot should not be empty");
  check_size(body, least, &problems);
  bool good = problems.len == 0;
  if (!good)
    dl_api_fail(req, 400, "%s", problems.data);
  dl_strbuf_free(&problems);
  return good && dl_api_knows(req, body, fields) ? body : NULL;
}

static json_int_t size_of(const json_t *body) {
  return (json_int_t)json_number_value(json_object_get(body, "pool"));
}

static void make(dl_http_request *req, const json_t *body, const char *snapshot,
                 const char *target) {
  char id[DL_CRYPTO_UUID];
  json_int_t now = (json_int_t)dl_plane_now(dl_api_plane(req));
  if (dl_crypto_uuid(id)) {
    dl_api_broken(req);
    return;
  }
  if (!reply_row(req, 201,
                 "INSERT INTO warm_pools (id, snapshot, target, pool,"
                 " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)"
                 " ON CONFLICT (snapshot, target) DO NOTHING RETURNING " SHOWN,
                 json_pack("[s,s,s,I,I,I]", id, snapshot, target, size_of(body),
                           now, now)))
    dl_api_fail(req, 409,
                "A warm pool for snapshot %s in region %s already exists",
                snapshot, target);
}

/* The snapshot of that id or name, new; NULL: that was replied. */
static json_t *find_snapshot(dl_http_request *req, const char *key) {
  dl_plane *plane = dl_api_plane(req);
  json_t *row = NULL;
  pthread_mutex_lock(&plane->lock);
  int found = dl_snapshots_find(plane, key, &row);
  pthread_mutex_unlock(&plane->lock);
  if (found == DL_STORE_NONE)
    dl_api_fail(req, 400,
                "Snapshot %s not found. Did you add it through the Daytona "
                "Dashboard?",
                key);
  else if (!row)
    dl_api_broken(req);
  return row;
}

/* POST /warm-pools. One of a snapshot that is not active yet is filled when it
 * is. */
void dl_api_pool_create(dl_http_request *req) {
  json_t *body = read_body(req, 1);
  const char *region = dl_fields_text(body, "target");
  const char *target =
      region ? dl_catalog_region(region) : dl_catalog_regions[0];
  if (!body)
    return;
  json_t *snapshot = find_snapshot(req, dl_fields_text(body, "snapshot"));
  if (snapshot && !target)
    dl_api_fail(req, 404, "Region not found");
  else if (snapshot)
    make(req, body, json_string_value(json_object_get(snapshot, "name")),
         target);
  json_decref(snapshot);
}

void dl_api_pool_update(dl_http_request *req) {
  json_t *body = read_body(req, 0);
  json_int_t now = (json_int_t)dl_plane_now(dl_api_plane(req));
  if (body && !reply_row(req, 200,
                         "UPDATE warm_pools SET pool = ?, updated_at = ?"
                         " WHERE id = ? RETURNING " SHOWN,
                         json_pack("[I,I,s]", size_of(body), now,
                                   dl_http_param(req, "id"))))
    not_there(req);
}

void dl_api_pool_delete(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  json_t *values = json_pack("[s]", dl_http_param(req, "id"));
  char *gone = NULL;
  pthread_mutex_lock(&plane->lock);
  int found = dl_store_text(plane->store,
                            "DELETE FROM warm_pools WHERE id = ? RETURNING id",
                            values, &gone);
  plane->pools_changed = true;
  pthread_mutex_unlock(&plane->lock);
  dl_plane_wake(plane);
  if (found == DL_STORE_FOUND)
    dl_http_reply_empty(req, 204);
  else if (found == DL_STORE_NONE)
    not_there(req);
  else
    dl_api_broken(req);
  json_decref(values);
  free(gone);
}

void dl_api_pools(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  pthread_mutex_lock(&plane->lock);
  json_t *pools = dl_store_rows(
      plane->store, "SELECT " SHOWN " FROM warm_pools ORDER BY created_at, id",
      NULL);
  pthread_mutex_unlock(&plane->lock);
  json_t *pool;
  size_t i;
  json_array_foreach(pools, i, pool) {
    show(plane, pool);
  }
  if (pools)
    dl_http_reply_json(req, 200, pools);
  else
    dl_api_broken(req);
}
