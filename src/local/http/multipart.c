#include "multipart.h"
#include "strbuf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_BOUNDARY 200
#define MAX_HEADERS ((size_t)64 << 10)
#define MAX_PADDING 64 /* blanks after a delimiter */

enum state { SKIPPING, BODY, HEADERS, DONE, BROKEN };

struct dl_multipart {
  enum state state;
  const dl_multipart_events *events;
  void *arg;
  char delimiter[MAX_BOUNDARY + 8]; /* CRLF "--" boundary */
  size_t delimiter_len;
  dl_strbuf pending; /* read, not yet understood */
  const char *error;
};

bool dl_multipart_is(const char *content_type) {
  return content_type &&
         strncasecmp(content_type, "multipart/form-data", 19) == 0;
}

/* Finds parameter `name` in "value; name=token; name=\"quoted\"" and copies
 * its unescaped value to `out`. False if it is not there. */
static bool find_parameter(const char *p, const char *end, const char *name,
                           dl_strbuf *out) {
  size_t len = strlen(name);
  while (p < end && (p = memchr(p, ';', (size_t)(end - p)))) {
    p++;
    while (p < end && (*p == ' ' || *p == '\t'))
      p++;
    bool wanted = (size_t)(end - p) > len && strncasecmp(p, name, len) == 0 &&
                  p[len] == '=';
    while (p < end && *p != '=' && *p != ';')
      p++;
    if (p == end || *p == ';')
      continue;
    if (++p < end && *p == '"') {
      for (p++; p < end && *p != '"'; p++) {
        if (*p == '\\' && p + 1 < end)
          p++;
        if (wanted)
          dl_strbuf_addc(out, *p);
      }
    }
    else {
      for (; p < end && *p != ';' && *p != ' '; p++) {
        if (wanted)
          dl_strbuf_addc(out, *p);
      }
    }
    if (wanted)
      return true;
  }
  return false;
}

dl_multipart *dl_multipart_new(const char *content_type,
                               const dl_multipart_events *events, void *arg) {
  dl_strbuf boundary = {0};
  if (!dl_multipart_is(content_type))
    return NULL;
  dl_multipart *mp;
  mp = calloc(1, sizeof *mp);
  if (!mp)
    return NULL;
  find_parameter(content_type, content_type + strlen(content_type), "boundary",
                 &boundary);
  if (boundary.len == 0 || boundary.len > MAX_BOUNDARY) {
    dl_strbuf_free(&boundary);
    free(mp);
    return NULL;
  }
  memcpy(mp->delimiter, "\r\n--", 4);
  memcpy(mp->delimiter + 4, boundary.data, boundary.len);
  mp->delimiter_len = boundary.len + 4;
  dl_strbuf_free(&boundary);
  mp->events = events;
  mp->arg = arg;
  /* The first delimiter has no line break before it: lend it one. */
  dl_strbuf_add(&mp->pending, "\r\n", 2);
  return mp;
}

static void emit(dl_multipart *mp, const char *data, size_t len) {
  if (mp->state == BODY && len > 0)
    mp->events->data(mp->arg, data, len);
}

/* What follows the delimiter at p: 1 a part, 2 the end, 0 more bytes are
 * needed, -1 it was no delimiter. *used is the length of delimiter and tail. */
static int classify(const dl_multipart *mp, const char *p, size_t len,
                    size_t *used) {
  size_t i = mp->delimiter_len;
  if (len < i + 2)
    return 0;
  if (p[i] == '-' && p[i + 1] == '-') {
    *used = i + 2;
    return 2;
  }
  while (i < len && (p[i] == ' ' || p[i] == '\t'))
    i++;
  if (i > mp->delimiter_len + MAX_PADDING)
    return -1;
  if (len < i + 2)
    return 0;
  *used = i + 2;
  return p[i] == '\r' && p[i + 1] == '\n' ? 1 : -1;
}

/* Consumes content up to and with the next delimiter. Returns how many of the
 * `len` bytes are done with; *more says whether to go on. */
static size_t read_body(dl_multipart *mp, const char *p, size_t len,
                        bool *more) {
  const char *hit = memmem(p, len, mp->delimiter, mp->delimiter_len);
  size_t keep, before, used = 0;
  *more = false;
  if (!hit) {
    keep = mp->delimiter_len - 1;
    before = len > keep ? len - keep : 0;
    emit(mp, p, before);
    return before;
  }
  before = (size_t)(hit - p);
  int kind = classify(mp, hit, len - before, &used);
  if (kind < 0) {
    emit(mp, p, before + mp->delimiter_len);
    *more = true;
    return before + mp->delimiter_len;
  }
  emit(mp, p, before);
  if (kind == 0)
    return before;
  if (mp->state == BODY)
    mp->events->end(mp->arg);
  mp->state = kind == 1 ? HEADERS : DONE;
  *more = true;
  return before + used;
}

static void give_up(dl_multipart *mp, const char *why) {
  mp->state = BROKEN;
  mp->error = why;
}

/* The headers from p to end: what part this is, from the first header that
 * says it. Names go on as C strings, so a NUL would cut them. */
static void begin_part(dl_multipart *mp, const char *p, const char *end) {
  static const char field[] = "Content-Disposition:";
  dl_strbuf name = {0}, filename = {0};
  bool found = false, has_filename = false;
  if (memchr(p, '\0', (size_t)(end - p))) {
    give_up(mp, "malformed part header");
    return;
  }
  while (p < end && !found) {
    const char *line = memmem(p, (size_t)(end - p), "\r\n", 2);
    if (!line)
      line = end;
    if ((size_t)(line - p) >= sizeof field - 1 &&
        strncasecmp(p, field, sizeof field - 1) == 0) {
      found = true;
      find_parameter(p, line, "name", &name);
      has_filename = find_parameter(p, line, "filename", &filename);
    }
    p = line + 2;
  }
  if (name.failed || filename.failed)
    give_up(mp, "out of memory");
  else {
    mp->state = BODY;
    mp->events->begin(mp->arg, name.data ? name.data : "",
                      has_filename ? (filename.data ? filename.data : "")
                                   : NULL);
  }
  dl_strbuf_free(&name);
  dl_strbuf_free(&filename);
}

static size_t read_headers(dl_multipart *mp, const char *p, size_t len,
                           bool *more) {
  *more = true;
  if (len >= 2 && p[0] == '\r' && p[1] == '\n') {
    begin_part(mp, p, p);
    return 2;
  }
  /* No further, or it would depend on how the body comes in pieces. */
  const char *end =
      memmem(p, len < MAX_HEADERS ? len : MAX_HEADERS, "\r\n\r\n", 4);
  if (end) {
    begin_part(mp, p, end);
    return (size_t)(end - p) + 4;
  }
  *more = false;
  if (len >= MAX_HEADERS)
    give_up(mp, "part headers too long");
  return 0;
}

void dl_multipart_feed(dl_multipart *mp, const char *data, size_t len) {
  size_t at = 0;
  bool more = true;
  if (mp->state == DONE || mp->state == BROKEN)
    return;
  if (dl_strbuf_add(&mp->pending, data, len)) {
    give_up(mp, "out of memory");
    return;
  }
  while (more && mp->state != DONE && mp->state != BROKEN) {
    const char *p = mp->pending.data + at;
    size_t left = mp->pending.len - at;
    if (mp->state == HEADERS)
      at += read_headers(mp, p, left, &more);
    else
      at += read_body(mp, p, left, &more);
  }
  mp->pending.len -= at;
  memmove(mp->pending.data, mp->pending.data + at, mp->pending.len);
}

bool dl_multipart_complete(const dl_multipart *mp) {
  return mp->state == DONE;
}

bool dl_multipart_inside_part(const dl_multipart *mp) {
  return mp->state == BODY;
}

const char *dl_multipart_error(const dl_multipart *mp) {
  return mp->error;
}

void dl_multipart_free(dl_multipart *mp) {
  if (!mp)
    return;
  dl_strbuf_free(&mp->pending);
  free(mp);
}
