#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "json_text.h"
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

/* A page that is being written. */
typedef struct page {
  const dl_plane *plane;
  dl_strbuf text;
  size_t limit;
  size_t count;
  const char *column;
  json_t *cursor; /* of the last item that fits */
  bool more;
} page;

static void begin_page(page *p, const dl_plane *plane) {
  p->plane = plane;
  dl_json_open(&p->text, NULL, '{');
  dl_json_open(&p->text, "items", '[');
}

/* `rc` is not 0 where the rows could not be read. */
static void reply_page(dl_http_request *req, page *p, int rc) {
  dl_json_close(&p->text, '}');
  if (rc == 0)
    dl_http_reply_json_text(req, 200, &p->text);
  else
    dl_api_broken(req);
  dl_strbuf_free(&p->text);
}

static int add_item(const dl_sandbox *sb, void *arg) {
  page *p = arg;
  if (p->count == p->limit) {
    p->more = true;
    return 1;
  }
  dl_view_item(&p->text, p->plane, sb);
  if (++p->count == p->limit)
    p->cursor = dl_cursor_make(sort_value(sb, p->column), sb->id);
  return 0;
}

static void list(dl_http_request *req, dl_query *q, page *p) {
  dl_plane *plane = dl_api_plane(req);
  begin_page(p, plane);
  pthread_mutex_lock(&plane->lock);
  int rc =
      dl_store_each_found(plane->store, q->where.data, q->values, add_item, p);
  pthread_mutex_unlock(&plane->lock);
  dl_json_close(&p->text, ']');
  dl_json_text(&p->text, "nextCursor",
               p->more ? json_string_value(p->cursor) : NULL);
  json_decref(p->cursor);
  reply_page(req, p, rc);
}

/* Makes the condition one for the rows of a page, in that order. */
static void find_first(dl_strbuf *where, const char *column, bool descending,
                       size_t count, int64_t offset) {
  const char *direction = descending ? "DESC" : "ASC";
  dl_strbuf_addf(where, " ORDER BY %s %s, id %s LIMIT %zu OFFSET %lld", column,
                 direction, direction, count, (long long)offset);
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
  dl_view_sandbox(&p->text, p->plane, sb, false);
  return 0;
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
  begin_page(p, plane);
  pthread_mutex_lock(&plane->lock);
  int64_t total = count(plane, q);
  find_first(&q->where, sort->column, descending, p->limit,
             (number - 1) * (int64_t)p->limit);
  if (total >= 0 && !q->where.failed)
    rc = dl_store_each_found(plane->store, q->where.data, q->values, add_full,
                             p);
  pthread_mutex_unlock(&plane->lock);
  int64_t pages = (total + (int64_t)p->limit - 1) / (int64_t)p->limit;
  dl_json_close(&p->text, ']');
  dl_json_integer(&p->text, "total", total);
  dl_json_integer(&p->text, "page", number);
  dl_json_integer(&p->text, "totalPages", pages);
  reply_page(req, p, rc);
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
