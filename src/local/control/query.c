#include "query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "as.h"
#include "clock.h"
#include "fields.h"

void dl_query_open(dl_query *q, dl_http_request *req) {
  memset(q, 0, sizeof *q);
  q->req = req;
  q->values = json_array();
  dl_strbuf_adds(&q->where, "WHERE 1");
}

void dl_query_close(dl_query *q) {
  dl_strbuf_free(&q->where);
  dl_strbuf_free(&q->problems);
  json_decref(q->values);
}

bool dl_query_refused(dl_query *q) {
  if (q->where.failed || q->problems.failed || !q->values)
    dl_api_broken(q->req);
  else if (q->problems.len > 0)
    dl_api_fail(q->req, 400, "%s", q->problems.data);
  else if (q->unknown)
    dl_api_fail(q->req, 501,
                "The filter '%s' is not supported by daytona-local",
                q->unknown);
  else
    return false;
  return true;
}

int64_t dl_query_integer(const dl_http_request *req, const char *name,
                         int64_t least, int64_t most, int64_t initial,
                         dl_strbuf *problems) {
  const char *text = dl_http_query(req, name);
  if (!text)
    return initial;
  errno = 0;
  char *end;
  long long n = strtoll(text, &end, 10);
  bool whole = !errno && end != text && !*end;
  if (!whole)
    dl_fields_problem(problems, "%s must be an integer number", name);
  if (!whole || n < least)
    dl_fields_problem(problems, "%s must not be less than %lld", name,
                      (long long)least);
  if ((!whole || n > most) && most < INT32_MAX)
    dl_fields_problem(problems, "%s must not be greater than %lld", name,
                      (long long)most);
  if (whole && n > INT32_MAX)
    n = INT32_MAX;
  return whole ? n : initial;
}

static void add_value(dl_query *q, const char *text) {
  json_array_append_new(q->values, json_string(text));
}

/* Conditions that may hold for one row or for all have a plus before the
 * column: the index of the order is walked then, not theirs, and what they
 * select need not be sorted. At worst that looks at all rows of an index. */

/* Prefixes count in any case; ids have no capitals. A prefix ends before itself
 * with the last character of all behind it. */
static void add_prefix(dl_query *q, const char *name, const char *sql) {
  const char *text = dl_http_query(q->req, name);
  if (!text || !*text)
    return;
  dl_strbuf_adds(&q->where, sql);
  add_value(q, text);
  add_value(q, text);
}

static void add_prefixes(dl_query *q) {
  add_prefix(q, "id", " AND id >= lower(?) AND id < lower(?) || char(1114111)");
  add_prefix(q, "name",
             " AND +id IN (SELECT id FROM sandboxes WHERE lower(name) >= "
             "lower(?) AND lower(name) < lower(?) || char(1114111))");
}

static void add_bound(dl_query *q, const char *name, const char *column,
                      const char *operator) {
  int64_t n = dl_query_integer(q->req, name, 1, INT32_MAX, 0, &q->problems);
  if (n == 0)
    return;
  dl_strbuf_addf(&q->where, " AND %s %s ?", column, operator);
  json_array_append_new(q->values, json_integer((json_int_t)n));
}

static void add_time(dl_query *q, const char *name, const char *column,
                     const char *operator) {
  const char *text = dl_http_query(q->req, name);
  if (!text || !*text)
    return;
  int64_t ms;
  if (dl_clock_parse_iso(text, &ms)) {
    dl_fields_problem(&q->problems, "%s must be a Date instance", name);
    return;
  }
  dl_strbuf_addf(&q->where, " AND %s > 0 AND %s %s ?", column,
                 column, operator);
  json_array_append_new(q->values, json_integer((json_int_t)ms));
}

/* Nonsense is tolerated. */
static void add_boolean(dl_query *q, const char *name, const char *column) {
  const char *text = dl_http_query(q->req, name);
  if (text && strcmp(text, "true") == 0)
    dl_strbuf_addf(&q->where, " AND %s = 1", column);
  else if (text && strcmp(text, "false") == 0)
    dl_strbuf_addf(&q->where, " AND %s = 0", column);
}

/* A repeated parameter: the column is one of its values. */
static void add_any(dl_query *q, const char *name, const char *column) {
  const char *text;
  size_t i;
  for (i = 0; (text = dl_http_query_at(q->req, name, i)); i++) {
    dl_strbuf_addf(&q->where, i ? ",?" : " AND %s IN (?", column);
    add_value(q, text);
  }
  if (i > 0)
    dl_strbuf_addc(&q->where, ')');
}

static void check_states(dl_query *q) {
  const char *text;
  for (size_t i = 0; (text = dl_http_query_at(q->req, "states", i)); i++) {
    dl_state found = dl_sandbox_state_of(text);
    if (found != DL_STATES && found != DL_DESTROYED)
      continue;
    dl_fields_problem(&q->problems,
                      "each value must be one of the following values: ");
    for (int state = 0; state < DL_STATES; state++) {
      if (state != DL_DESTROYED)
        dl_strbuf_addf(&q->problems, "%s%s", state ? ", " : "",
                       dl_sandbox_state_name((dl_state)state));
    }
    return;
  }
}

/* Each label that is asked for must be there with that value. */
static void add_label(dl_query *q, const char *key, json_t *value) {
  dl_strbuf_adds(&q->where,
                 " AND +id IN (SELECT id FROM labels WHERE key = ? AND type ");
  add_value(q, key);
  if (json_is_string(value)) {
    dl_strbuf_adds(&q->where, "= 'text' AND value = ?)");
    json_array_append(q->values, value);
    return;
  }
  if (json_is_number(value)) {
    dl_strbuf_adds(&q->where, "IN ('integer', 'real') AND value = ?)");
    json_array_append(q->values, value);
    return;
  }
  char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
  if (json_is_boolean(value) || json_is_null(value))
    dl_strbuf_adds(&q->where, "= ?)");
  else
    dl_strbuf_adds(&q->where, "IN ('object', 'array') AND value = json(?))");
  add_value(q, text ? text : "");
  free(text);
}

static void add_labels(dl_query *q) {
  const char *text = dl_http_query(q->req, "labels");
  if (!text || !*text)
    return;
  json_t *labels = json_loads(text, JSON_ALLOW_NUL, NULL);
  if (!json_is_object(labels))
    dl_fields_problem(&q->problems, "Invalid labels JSON format");
  json_t *value;
  const char *key;
  json_object_foreach(labels, key, value) {
    add_label(q, key, value);
  }
  json_decref(labels);
}

/* Sandboxes without a GPU are asked for as 0. */
static void add_gpus(dl_query *q, const char *name, const char *operator) {
  int64_t n = dl_query_integer(q->req, name, 0, INT32_MAX, -1, &q->problems);
  if (n < 0)
    return;
  dl_strbuf_addf(&q->where, " AND gpu %s ?", operator);
  json_array_append_new(q->values, json_integer((json_int_t)n));
}

void dl_query_names(dl_query *q, const char *const *known) {
  const char *name;
  size_t k;
  for (size_t i = 0; (name = dl_http_query_name(q->req, i)); i++) {
    size_t len = strlen(name);
    if (len > 2 && strcmp(name + len - 2, "[]") == 0)
      len -= 2;
    for (k = 0; known[k]; k++) {
      if (strlen(known[k]) == len && strncmp(known[k], name, len) == 0)
        break;
    }
    if (!known[k] && !q->unknown)
      q->unknown = name;
  }
}

static bool is_true(const dl_http_request *req, const char *name) {
  const char *text = dl_http_query(req, name);
  return text && strcmp(text, "true") == 0;
}

void dl_query_filter(dl_query *q, const char *regions) {
  bool errored = is_true(q->req, "includeErroredDeleted");
  bool warm = is_true(q->req, "includeWarm");
  const char *const known[] = {"access_token",
                               "page",
                               "cursor",
                               "limit",
                               "sort",
                               "order",
                               "verbose",
                               "includeErroredDeleted",
                               "includeWarm",
                               "id",
                               "name",
                               "labels",
                               "states",
                               "snapshots",
                               regions,
                               "sandboxClasses",
                               "minCpu",
                               "maxCpu",
                               "minGpu",
                               "maxGpu",
                               "minMemoryGiB",
                               "maxMemoryGiB",
                               "minDiskGiB",
                               "maxDiskGiB",
                               "isPublic",
                               "isRecoverable",
                               "createdAtAfter",
                               "createdAtBefore",
                               "lastEventAfter",
                               "lastEventBefore",
                               "autoDestroyAtAfter",
                               "autoDestroyAtBefore",
                               NULL};
  if (!errored)
    dl_strbuf_addf(&q->where, " AND hidden <> %d", DL_HIDDEN_ERROR);
  if (!warm)
    dl_strbuf_addf(&q->where, " AND hidden <> %d", DL_HIDDEN_WARM);
  size_t before = q->where.len;
  if (!dl_as_now()->no_newer) {
    dl_query_names(q, known);
    add_gpus(q, "minGpu", ">=");
    add_gpus(q, "maxGpu", "<=");
  }
  add_prefixes(q);
  add_labels(q);
  check_states(q);
  add_any(q, "states", "+state");
  add_any(q, "snapshots", "+snapshot");
  add_any(q, regions, "+target");
  add_any(q, "sandboxClasses", "'container'");
  add_bound(q, "minCpu", "cpu", ">=");
  add_bound(q, "maxCpu", "cpu", "<=");
  add_bound(q, "minMemoryGiB", "memory", ">=");
  add_bound(q, "maxMemoryGiB", "memory", "<=");
  add_bound(q, "minDiskGiB", "disk", ">=");
  add_bound(q, "maxDiskGiB", "disk", "<=");
  add_boolean(q, "isPublic", "is_public");
  add_boolean(q, "isRecoverable", "recoverable");
  add_time(q, "createdAtAfter", "created_at", ">=");
  add_time(q, "createdAtBefore", "created_at", "<=");
  add_time(q, "lastEventAfter", "last_activity_at", ">=");
  add_time(q, "lastEventBefore", "last_activity_at", "<=");
  add_time(q, "autoDestroyAtAfter", "auto_destroy_at", ">=");
  add_time(q, "autoDestroyAtBefore", "auto_destroy_at", "<=");
  q->all = !errored && !warm && q->where.len == before;
}

const dl_sort *dl_query_sort(dl_query *q, const dl_sort *sorts,
                             const char *shown) {
  const char *text = dl_http_query(q->req, "sort");
  if (!text)
    return sorts;
  const dl_sort *s;
  for (s = sorts; s->name; s++) {
    if (strcmp(s->name, text) == 0)
      return s;
  }
  dl_fields_problem(&q->problems,
                    "sort must be one of the following values: %s", shown);
  return sorts;
}

bool dl_query_descending(dl_query *q) {
  const char *text = dl_http_query(q->req, "order");
  if (!text || strcmp(text, "desc") == 0)
    return true;
  if (strcmp(text, "asc") != 0)
    dl_fields_problem(&q->problems,
                      "order must be one of the following values: asc, desc");
  return false;
}
