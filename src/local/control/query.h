#ifndef DL_CONTROL_QUERY_H
#define DL_CONTROL_QUERY_H

#include "api.h"

/* A list request turned into SQL: "WHERE ..." and the values of its `?`. What
 * is wrong with the request is collected in `problems`. */
typedef struct dl_query {
  dl_http_request *req;
  dl_strbuf where;
  dl_strbuf problems;
  json_t *values;
  const char *unknown; /* a filter that is not known, or NULL */
  bool all;            /* there is no filter but for what is hidden */
} dl_query;

/* A field by which a list can be sorted: its names on the wire and in SQL. */
typedef struct dl_sort {
  const char *name; /* NULL ends a table; the first is the default */
  const char *column;
} dl_sort;

#pragma GCC visibility push(hidden)

/* Begins the query of that request; dl_query_close in any case. */
void dl_query_open(dl_query *q, dl_http_request *req);

void dl_query_close(dl_query *q);

/* A query parameter that is a whole number in a range, `initial` if absent.
 * What is wrong goes to `problems`. */
int64_t dl_query_integer(const dl_http_request *req, const char *name,
                         int64_t least, int64_t most, int64_t initial,
                         dl_strbuf *problems);

/* A filter that is not known must not pass for one that lets all through: who
 * asked might delete what is listed. An older server does so. */
void dl_query_names(dl_query *q, const char *const *known);

/* Adds the conditions of every filter; `regions` is the parameter that lists
 * regions. */
void dl_query_filter(dl_query *q, const char *regions);

/* The field to sort by; `shown` lists the names for the message. */
const dl_sort *dl_query_sort(dl_query *q, const dl_sort *sorts,
                             const char *shown);

/* Whether the order is descending, which is the default. */
bool dl_query_descending(dl_query *q);

/* Whether something was wrong: then that is replied. */
bool dl_query_refused(dl_query *q);

#pragma GCC visibility pop

#endif
