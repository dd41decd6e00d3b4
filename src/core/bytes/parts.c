#include "parts.h"

#include <stdlib.h>
#include <string.h>

#include "../../wire/header.h"

enum { MAX_REASON = 64 * 1024 };

dt_parts *dt_parts_new(size_t count, size_t limit) {
  dt_parts *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  p->list = calloc(count > 0 ? count : 1, sizeof *p->list);
  if (!p->list) {
    free(p);
    return NULL;
  }
  p->count = count;
  p->room = limit;
  for (size_t i = 0; i < count; i++)
    p->list[i].sink.fd = -1;
  return p;
}

int dt_parts_set_beneath(dt_parts *p, const char *beneath) {
  p->beneath = strdup(beneath);
  return p->beneath != NULL;
}

int dt_parts_set(dt_parts *p, size_t i, const char *source, size_t n,
                 const char *destination) {
  dt_part *part = &p->list[i];
  part->source = malloc(n + 1);
  if (!part->source)
    return 0;
  memcpy(part->source, source, n + 1);
  part->length = n;
  if (!destination || !*destination)
    return 1;
  part->destination = strdup(destination);
  return part->destination != NULL;
}

/* The first file of that name for which no part has arrived yet.  Parts arrive
 * in the order of the files. */
static dt_part *find(dt_parts *p, const char *name, size_t n) {
  for (size_t k = 0; k < p->count; k++) {
    size_t i = (p->next + k) % p->count;
    dt_part *part = &p->list[i];
    if (!part->seen && part->length == n &&
        memcmp(part->source, name, n) == 0) {
      p->next = i + 1;
      return part;
    }
  }
  return NULL;
}

static dt_part *find_named(dt_parts *p, const char *value, size_t n) {
  dt_buffer *name = &p->name;
  dt_buffer_clear(name);
  if (!dt_header_parameter(value, n, "filename*", name)) {
    dt_buffer_clear(name);
    if (!dt_header_parameter(value, n, "filename", name))
      return NULL;
  }
  return find(p, name->data ? name->data : "", name->len);
}

/* Opens the sink of a part.  If its destination cannot be written, the sink
 * keeps the error, and the part is still read to its end. */
static void open_sink(dt_parts *p, dt_part *part) {
  if (part->is_error)
    part->sink.limit = MAX_REASON;
  else if (!part->destination)
    part->sink.limit = p->room;
  else
    part->sink.error = dt_sink_open(&part->sink, part->destination, p->beneath);
}

static long long announced(const char *head, size_t n) {
  size_t k;
  const char *value = dt_header_find(head, n, "Content-Length", &k);
  long long length = 0;
  if (!value || k == 0 || k > 18)
    return -1;
  for (size_t i = 0; i < k; i++) {
    if (value[i] < '0' || value[i] > '9')
      return -1;
    length = length * 10 + (value[i] - '0');
  }
  return length;
}

static long long on_begin(void *arg, const char *head, size_t n) {
  dt_parts *p = arg;
  size_t k;
  const char *value = dt_header_find(head, n, "Content-Disposition", &k);
  p->current = value ? find_named(p, value, k) : NULL;
  if (p->current) {
    dt_buffer_clear(&p->name);
    p->current->seen = 1;
    p->current->is_error = dt_header_parameter(value, k, "name", &p->name) &&
                           p->name.len == 5 &&
                           memcmp(p->name.data, "error", 5) == 0;
    open_sink(p, p->current);
  }
  return announced(head, n);
}

static void on_data(void *arg, const char *bytes, size_t n) {
  dt_part *part = ((dt_parts *)arg)->current;
  if (!part || part->sink.error || part->sink.overflow)
    return;
  dt_sink_write(&part->sink, bytes, n);
  /* How many bytes were kept before depends on how the answer was cut, so they
   * are dropped. */
  if (part->sink.overflow && !part->is_error)
    dt_buffer_free(&part->sink.memory);
}

static void on_end(void *arg, const char *problem) {
  dt_parts *p = arg;
  dt_part *part = p->current;
  p->current = NULL;
  if (!part)
    return;
  if (!part->sink.error)
    part->sink.error = dt_sink_seal(&part->sink);
  part->problem = problem;
  part->complete = !problem;
  p->finished += !problem;
  if (part->sink.kind == DT_SINK_MEMORY && !part->is_error)
    p->room -= part->sink.memory.len;
}

static const dt_multipart_events events = {on_begin, on_data, on_end};

void dt_parts_write(dt_parts *p, const char *content_type, const char *bytes,
                    size_t n) {
  if (!p->started) {
    p->started = 1;
    p->is_multipart = dt_multipart_open(&p->parser, content_type, &events, p);
  }
  if (p->is_multipart)
    dt_multipart_feed(&p->parser, bytes, n);
}

void dt_parts_finish(dt_parts *p) {
  if (p->is_multipart)
    dt_multipart_finish(&p->parser);
}

void dt_parts_free(dt_parts *p) {
  if (!p)
    return;
  for (size_t i = 0; i < p->count; i++) {
    dt_sink_close(&p->list[i].sink);
    free(p->list[i].source);
    free(p->list[i].destination);
  }
  dt_multipart_close(&p->parser);
  free(p->beneath);
  dt_buffer_free(&p->name);
  free(p->list);
  free(p);
}
