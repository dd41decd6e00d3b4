#include "multipart.h"

#include <stdbool.h>
#include <string.h>

enum {
  MAX_HEAD = 64 * 1024,
  MAX_PADDING = 64 /* blanks after a boundary, looked at again for each byte */
};

/* The value of parameter boundary, quoted or not, in 'out'; its length or 0. */
static size_t find_boundary(const char *type, char *out) {
  size_t n = 0;
  const char *p = type;
  while ((p = strchr(p, ';')) != NULL) {
    p += 1 + strspn(p + 1, " \t");
    if (curl_strnequal(p, "boundary=", 9))
      break;
  }
  if (!p)
    return 0;
  p += 9;
  int quoted = *p == '"';
  for (p += quoted; *p && (quoted ? *p != '"' : *p != ';' && *p != ' '); p++) {
    if (quoted && *p == '\\' && p[1])
      p++;
    if (n == DT_MULTIPART_BOUNDARY || *p == '\r' || *p == '\n')
      return 0;
    out[n++] = *p;
  }
  return n;
}

int dt_multipart_open(dt_multipart *m, const char *content_type,
                      const dt_multipart_events *events, void *arg) {
  *m = (dt_multipart){.events = events, .arg = arg};
  memcpy(m->delimiter, "\r\n--", 4);
  if (!content_type || !curl_strnequal(content_type, "multipart/", 10))
    return 0;
  size_t n = find_boundary(content_type, m->delimiter + 4);
  m->length = n + 4;
  m->matched = 2; /* the first boundary needs no line before it */
  return n > 0;
}

static void end_part(dt_multipart *m, const char *problem) {
  if (m->open)
    m->events->end(m->arg, problem);
  m->open = 0;
}

static void give_up(dt_multipart *m, const char *problem) {
  end_part(m, problem);
  m->state = DT_MULTIPART_ENDED;
}

static void body(dt_multipart *m, const char *bytes, size_t n) {
  if (m->open && n > 0)
    m->events->data(m->arg, bytes, n);
}

/* After a whole delimiter. */
static void enter_head(dt_multipart *m) {
  end_part(m, NULL);
  m->matched = 0;
  dt_buffer_clear(&m->head);
  m->state = DT_MULTIPART_HEAD;
}

/* Takes bytes up to and with the next delimiter; returns how many.  CR stands
 * only at the delimiter's beginning, so a mismatch never has to go back
 * further than to the byte at hand. */
static size_t scan(dt_multipart *m, const char *bytes, size_t n) {
  size_t i = 0, start = 0;
  while (i < n) {
    if (m->matched == 0) {
      const char *cr = memchr(bytes + i, '\r', n - i);
      if (!cr)
        break;
      i = (size_t)(cr - bytes);
      body(m, bytes + start, i - start);
      start = i;
    }
    if (bytes[i] == m->delimiter[m->matched]) {
      start = ++i;
      if (++m->matched == m->length) {
        enter_head(m);
        return i;
      }
    }
    else {
      body(m, m->delimiter, m->matched);
      m->matched = 0;
    }
  }
  if (m->matched == 0)
    body(m, bytes + start, n - start);
  return n;
}

static size_t counted(dt_multipart *m, const char *bytes, size_t n) {
  if ((curl_off_t)n > m->left)
    n = (size_t)m->left;
  body(m, bytes, n);
  m->left -= (curl_off_t)n;
  if (m->left == 0)
    m->state = DT_MULTIPART_TAIL;
  return n;
}

/* A body that is not as long as announced is lost, the parts after it may not
 * be: the next boundary is looked for. */
static size_t tail(dt_multipart *m, const char *bytes, size_t n) {
  size_t i = 0;
  while (i < n && bytes[i] == m->delimiter[m->matched]) {
    i++;
    if (++m->matched == m->length) {
      enter_head(m);
      return i;
    }
  }
  if (i < n) {
    end_part(m, "its data is not as long as announced");
    m->state = DT_MULTIPART_SCAN;
  }
  return i;
}

/* Whether what follows the boundary can be the rest of its line. */
static bool is_line_end(const dt_buffer *h) {
  size_t i = 0;
  size_t most = h->length < MAX_PADDING ? h->length : MAX_PADDING;
  while (i < most && (h->data[i] == ' ' || h->data[i] == '\t'))
    i++;
  return (i == h->length || h->data[i] == '\r') &&
         (i + 1 >= h->length || h->data[i + 1] == '\n');
}

static size_t head(dt_multipart *m, const char *bytes, size_t n) {
  dt_buffer *h = &m->head;
  for (size_t i = 0; i < n; i++) {
    if (h->length == MAX_HEAD || !dt_buffer_add(h, bytes + i, 1)) {
      give_up(m, NULL);
      return n;
    }
    if (h->length == 2 && memcmp(h->data, "--", 2) == 0) {
      m->closed = 1;
      m->state = DT_MULTIPART_ENDED;
      return n;
    }
    if (h->length < 2)
      continue;
    if (!is_line_end(h)) {
      give_up(m, NULL);
      return n;
    }
    if (h->length >= 4 && memcmp(h->data + h->length - 4, "\r\n\r\n", 4) == 0) {
      m->open = 1;
      m->left = m->events->begin(m->arg, h->data, h->length);
      m->state = m->left < 0    ? DT_MULTIPART_SCAN
                 : m->left == 0 ? DT_MULTIPART_TAIL
                                : DT_MULTIPART_COUNTED;
      return i + 1;
    }
  }
  return n;
}

void dt_multipart_feed(dt_multipart *m, const char *bytes, size_t n) {
  while (n > 0 && m->state != DT_MULTIPART_ENDED) {
    size_t taken = m->state == DT_MULTIPART_COUNTED ? counted(m, bytes, n)
                   : m->state == DT_MULTIPART_TAIL  ? tail(m, bytes, n)
                   : m->state == DT_MULTIPART_HEAD  ? head(m, bytes, n)
                                                    : scan(m, bytes, n);
    bytes += taken;
    n -= taken;
  }
}

int dt_multipart_finish(dt_multipart *m) {
  give_up(m, "the answer ended in the middle of it");
  return m->closed;
}

void dt_multipart_close(dt_multipart *m) {
  dt_buffer_free(&m->head);
}
