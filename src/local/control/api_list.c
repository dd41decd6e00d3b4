#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "cursor.h"
#include "query.h"

#define DEFAULT_LIMIT 100
#define MOST_LIMIT 200

/* The cursor list */

static const dl_sort cursor_sorts[] = {{"lastActivityAt", "last_activity_at"},
                                       {"name", "name"},
                                       {"cpu", "cpu"},
                                       {"memoryGib", "memory"},
                                       {"diskGib", "disk"},
                                       {"createdAt", "created_at"},
                                       {NULL, NULL}};

static const char cursor_sorts_shown[] =
    "name, cpu, memoryGib, diskGib, lastActivityAt, createdAt";

/* The value of a row that the list is sorted by. */
static json_t *sort_value(const dl_sandbox *sb, const char *column) {
  int64_t n = sb->last_activity_at;
  if (strcmp(column, "name") == 0)
    return json_string(sb->name);
  if (strcmp(column, "cpu") == 0)
    n = sb->cpu;
  else if (strcmp(column, "memory") == 0)
    n = sb->memory;
  else if (strcmp(column, "disk") == 0)
    n = sb->disk;
  else if (strcmp(column, "created_at") == 0)
    n = sb->created_at;
  return json_integer((json_int_t)n);
}

/* Continues behind the cursor's row. */
static void add_cursor(dl_query *q, const char *column, bool descending) {
  const char *cursor = dl_http_query(q->req, "cursor");
  const char *operator= descending ? "<" : ">";
  bool by_name = strcmp(column, "name") == 0;
  json_t *position, *value = NULL, *id = NULL;
  if (!cursor || !*cursor)
    return;
  position = dl_cursor_read(cursor, &value, &id);
  if (position && (by_name ? json_is_string(value) : json_is_integer(value))) {
    dl_strbuf_addf(&q->where, " AND (%s, id) %s (?, ?)", column, operator);
    json_array_append(q->values, value);
    json_array_append(q->values, id);
  }
  else {
    if (q->problems.len > 0)
      dl_strbuf_adds(&q->problems, ", ");
    dl_strbuf_adds(&q->problems, "Invalid cursor provided: ");
    dl_strbuf_adds(&q->problems, cursor);
  }
  json_decref(position);
}

typedef struct page {
  const dl_plane *plane;
  json_t *items;
  size_t limit;
  const char *column;
  json_t *cursor; /* of the last item that fits */
  bool more;
} page;

static int add_item(const dl_sandbox *sb, void *arg) {
  page *p = arg;
  if (json_array_size(p->items) == p->limit) {
    p->more = true;
    return 1;
  }
  json_array_append_new(p->items, dl_view_item(p->plane, sb));
  if (json_array_size(p->items) == p->limit)
    p->cursor = dl_cursor_make(sort_value(sb, p->column), sb->id);
  return 0;
}

static void list(dl_http_request *req, dl_query *q, page *p) {
  dl_plane *plane = dl_api_plane(req);
  p->plane = plane;
  p->items = json_array();
  pthread_mutex_lock(&plane->lock);
  int rc = dl_store_each(plane->store, q->where.data, q->values, add_item, p);
  pthread_mutex_unlock(&plane->lock);
  if (!p->more || !p->cursor) {
    json_decref(p->cursor);
    p->cursor = json_null();
  }
  if (rc == 0) {
    dl_http_reply_json(
        req, 200,
        json_pack("{s:o,s:o}", "items", p->items, "nextCursor", p->cursor));
    return;
  }
  json_decref(p->items);
  json_decref(p->cursor);
  dl_api_broken(req);
}

/* Turns the condition into one for the rows of a page, in that order. They are
 * found by their ids, for which an index is enough; only then they are read. */
static void find_first(dl_strbuf *where, const char *column, bool descending,
                       size_t count, int64_t offset) {
  static const char find[] = "WHERE id IN (SELECT id FROM sandboxes ";
  const char *direction = descending ? "DESC" : "ASC";
  char *condition = dl_strbuf_detach(where);
  if (!condition) {
    where->failed = true;
    return;
  }
  dl_strbuf_addf(where,
                 "%s%s ORDER BY %s %s, id %s LIMIT %zu OFFSET %lld)"
                 " ORDER BY %s %s, id %s",
                 find, condition, column, direction, direction, count,
                 (long long)offset, column, direction, direction);
  free(condition);
}

/* GET /sandbox */
void dl_api_list(dl_http_request *req) {
  dl_query q;
  page p = {0};
  dl_query_open(&q, req);
  p.limit = (size_t)dl_query_integer(req, "limit", 1, MOST_LIMIT, DEFAULT_LIMIT,
                                     &q.problems);
  dl_query_filter(&q, "regionIds");
  const dl_sort *sort = dl_query_sort(&q, cursor_sorts, cursor_sorts_shown);
  bool descending = dl_query_descending(&q);
  p.column = sort->column;
  add_cursor(&q, sort->column, descending);
  find_first(&q.where, sort->column, descending, p.limit + 1, 0);
  if (!dl_query_refused(&q))
    list(req, &q, &p);
  dl_query_close(&q);
}

/* The list by pages */

static const dl_sort page_sorts[] = {{"createdAt", "created_at"},
                                     {"id", "id"},
                                     {"name", "name"},
                                     {"state", "state"},
                                     {"snapshot", "snapshot"},
                                     {"region", "target"},
                                     {"updatedAt", "updated_at"},
                                     {"lastActivityAt", "last_activity_at"},
                                     {NULL, NULL}};

static const char page_sorts_shown[] = "id, name, state, snapshot, region, "
                                       "updatedAt, createdAt, lastActivityAt";

static int add_full(const dl_sandbox *sb, void *arg) {
  page *p = arg;
  return json_array_append_new(p->items, dl_view_sandbox(p->plane, sb, false));
}

/* How many there are. Where nothing is left out but what is hidden, nobody is
 * looked at. */
static int64_t count(dl_plane *plane, const dl_query *q) {
  if (!q->all)
    return dl_store_count(plane->store, q->where.data, q->values);
  int64_t shown = dl_store_count(plane->store, "", NULL);
  int64_t hidden = dl_store_count(plane->store, "WHERE hidden > 0", NULL);
  return shown < 0 || hidden < 0 ? -1 : shown - hidden;
}

static void list_page(dl_http_request *req, dl_query *q, page *p,
                      int64_t number, const dl_sort *sort, bool descending) {
  dl_plane *plane = dl_api_plane(req);
  int rc = -1;
  p->plane = plane;
  p->items = json_array();
  pthread_mutex_lock(&plane->lock);
  int64_t total = count(plane, q);
  find_first(&q->where, sort->column, descending, p->limit,
             (number - 1) * (int64_t)p->limit);
  if (total >= 0 && !q->where.failed)
    rc = dl_store_each(plane->store, q->where.data, q->values, add_full, p);
  pthread_mutex_unlock(&plane->lock);
  if (rc) {
    json_decref(p->items);
    dl_api_broken(req);
    return;
  }
  int64_t pages = (total + (int64_t)p->limit - 1) / (int64_t)p->limit;
  dl_http_reply_json(req, 200,
                     json_pack("{s:o,s:I,s:I,s:I}", "items", p->items, "total",
                               (json_int_t)total, "page", (json_int_t)number,
                               "totalPages", (json_int_t)pages));
}

void dl_api_list_pages(dl_http_request *req) {
  dl_query q;
  page p = {0};
  dl_query_open(&q, req);
  int64_t number = dl_query_integer(req, "page", 1, INT32_MAX, 1, &q.problems);
  p.limit = (size_t)dl_query_integer(req, "limit", 1, MOST_LIMIT, DEFAULT_LIMIT,
                                     &q.problems);
  dl_query_filter(&q, "regions");
  const dl_sort *sort = dl_query_sort(&q, page_sorts, page_sorts_shown);
  bool descending = dl_query_descending(&q);
  if (!dl_query_refused(&q))
    list_page(req, &q, &p, number, sort, descending);
  dl_query_close(&q);
}
