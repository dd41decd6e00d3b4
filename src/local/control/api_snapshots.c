#include "api.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "catalog.h"
#include "query.h"

static json_t *view(const dl_plane *plane, const dl_snapshot *s) {
  char since[DL_CLOCK_TEXT];
  json_t *regions = json_array();
  size_t i;
  for (i = 0; dl_catalog_regions[i]; i++)
    json_array_append_new(regions, json_string(dl_catalog_regions[i]));
  dl_clock_iso_ms(plane->since, since);
  return json_pack(
      "{s:s,s:b,s:s,s:s,s:n,s:n,s:I,s:i,s:I,s:I,s:n,s:s,s:s,s:n,s:n,s:o,s:s}",
      "id", s->id, "general", 1, "name", s->name, "state", "active", "size",
      "entrypoint", "cpu", (json_int_t)s->cpu, "gpu", 0, "mem",
      (json_int_t)s->memory, "disk", (json_int_t)s->disk, "errorReason",
      "createdAt", since, "updatedAt", since, "lastUsedAt", "sourceSandboxId",
      "regionIds", regions, "sandboxClass", "container");
}

static int by_name(const void *a, const void *b) {
  const dl_snapshot *const *x = a;
  const dl_snapshot *const *y = b;
  return strcmp((*x)->name, (*y)->name);
}

/* The snapshots whose name holds `part`, sorted by name if that was asked for;
 * by all other fields they are equal. */
static size_t choose(dl_http_request *req, const dl_snapshot **out) {
  const char *part = dl_http_query(req, "name");
  const char *sort = dl_http_query(req, "sort");
  const char *order = dl_http_query(req, "order");
  const dl_snapshot *s;
  size_t n = 0, i;
  for (s = dl_catalog_snapshots; s->id; s++) {
    if (!part || strcasestr(s->name, part))
      out[n++] = s;
  }
  if (sort && strcmp(sort, "name") == 0)
    qsort(out, n, sizeof *out, by_name);
  if (sort && order && strcmp(order, "desc") == 0) {
    for (i = 0; i < n / 2; i++) {
      s = out[i];
      out[i] = out[n - 1 - i];
      out[n - 1 - i] = s;
    }
  }
  return n;
}

/* GET /snapshots */
void dl_api_snapshots(dl_http_request *req) {
  const dl_snapshot *chosen[16];
  dl_strbuf problems = {0};
  int64_t page = dl_query_integer(req, "page", 1, INT32_MAX, 1, &problems);
  int64_t limit = dl_query_integer(req, "limit", 1, 200, 100, &problems);
  size_t n, i, first;
  json_t *items;
  if (problems.len > 0) {
    dl_api_fail(req, 400, "%s", problems.data);
    dl_strbuf_free(&problems);
    return;
  }
  n = choose(req, chosen);
  first = (size_t)((page - 1) * limit);
  items = json_array();
  for (i = first; i < n && i < first + (size_t)limit; i++)
    json_array_append_new(items, view(dl_api_plane(req), chosen[i]));
  dl_http_reply_json(
      req, 200,
      json_pack("{s:o,s:I,s:I,s:I}", "items", items, "total", (json_int_t)n,
                "page", (json_int_t)page, "totalPages",
                (json_int_t)((n + (size_t)limit - 1) / (size_t)limit)));
}

static const dl_snapshot *find(dl_http_request *req) {
  const char *key = dl_http_param(req, "id");
  const dl_snapshot *s = dl_catalog_snapshot(key);
  if (!s)
    dl_api_fail(req, 404, "Snapshot with name %s not found", key);
  return s;
}

/* GET /snapshots/{id} */
void dl_api_snapshot_get(dl_http_request *req) {
  const dl_snapshot *s = find(req);
  if (s)
    dl_http_reply_json(req, 200, view(dl_api_plane(req), s));
}

static bool is_uuid(const char *text) {
  size_t i;
  for (i = 0; text[i]; i++) {
    bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
      return false;
  }
  return i == DL_CRYPTO_UUID - 1;
}

/* DELETE /snapshots/{id}: those there are belong to everybody. */
void dl_api_snapshot_delete(dl_http_request *req) {
  if (!is_uuid(dl_http_param(req, "id")))
    dl_api_fail(req, 400, "Validation failed (uuid is expected)");
  else if (find(req))
    dl_api_fail(req, 403, "You cannot delete a general snapshot");
}

/* POST /snapshots/{id}/activate */
void dl_api_snapshot_activate(dl_http_request *req) {
  if (find(req))
    dl_api_fail(req, 400, "Snapshot %s is already active",
                dl_http_param(req, "id"));
}

/* GET /snapshots/{id}/build-logs and build-logs-url */
void dl_api_snapshot_build_logs(dl_http_request *req) {
  if (find(req))
    dl_api_fail(req, 404, "Snapshot %s has no build info",
                dl_http_param(req, "id"));
}

/* POST /snapshots and .../deactivate */
void dl_api_no_snapshots(dl_http_request *req) {
  dl_api_unsupported(req, "Making and changing snapshots is");
}
