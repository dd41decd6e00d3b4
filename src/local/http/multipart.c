#include "multipart.h"
#include "strbuf.h"
#include "wire/header.h"
#include "wire/multipart.h"

#include <stdlib.h>
#include <string.h>

struct dl_multipart {
  dt_multipart reader;
  const dl_multipart_events *events;
  void *arg;
  const char *error; /* of a part's headers; no event follows it */
};

bool dl_multipart_is(const char *content_type) {
  return content_type &&
         dt_header_equal(content_type, "multipart/form-data", 19);
}

/* Tells what part this is, from the first header that says it. Names go on as
 * C strings, so a NUL would cut them. */
static long long begin_part(void *arg, const char *head, size_t len) {
  dl_multipart *mp = arg;
  dl_strbuf name = {0}, filename = {0};
  size_t n = 0;
  bool has_filename = false;
  if (mp->error)
    return -1;
  if (memchr(head, '\0', len)) {
    mp->error = "malformed part header";
    return -1;
  }
  const char *value = dt_header_find(head, len, "Content-Disposition", &n);
  if (value) {
    dt_header_parameter(value, n, "name", &name);
    has_filename = dt_header_parameter(value, n, "filename", &filename);
  }
  if (dl_strbuf_reserve(&name, 0) || dl_strbuf_reserve(&filename, 0))
    mp->error = "out of memory";
  else
    mp->events->begin(mp->arg, name.data, has_filename ? filename.data : NULL);
  dl_strbuf_free(&name);
  dl_strbuf_free(&filename);
  return -1;
}

static void part_data(void *arg, const char *data, size_t len) {
  dl_multipart *mp = arg;
  if (!mp->error)
    mp->events->data(mp->arg, data, len);
}

static void end_part(void *arg, const char *problem) {
  dl_multipart *mp = arg;
  if (!mp->error && !problem)
    mp->events->end(mp->arg);
}

static const dt_multipart_events reader_events = {
    begin_part, part_data, end_part, .longer_line_is_content = true};

dl_multipart *dl_multipart_new(const char *content_type,
                               const dl_multipart_events *events, void *arg) {
  if (!dl_multipart_is(content_type))
    return NULL;
  dl_multipart *mp;
  mp = calloc(1, sizeof *mp);
  if (!mp)
    return NULL;
  mp->events = events;
  mp->arg = arg;
  if (!dt_multipart_open(&mp->reader, content_type, &reader_events, mp)) {
    free(mp);
    return NULL;
  }
  return mp;
}

void dl_multipart_feed(dl_multipart *mp, const char *data, size_t len) {
  if (!mp->error)
    dt_multipart_feed(&mp->reader, data, len);
}

bool dl_multipart_complete(const dl_multipart *mp) {
  return mp->reader.closed && !mp->error;
}

bool dl_multipart_inside_part(const dl_multipart *mp) {
  return mp->reader.open && !mp->error;
}

const char *dl_multipart_error(const dl_multipart *mp) {
  return mp->error ? mp->error : mp->reader.error;
}

void dl_multipart_free(dl_multipart *mp) {
  if (!mp)
    return;
  dt_multipart_close(&mp->reader);
  free(mp);
}
