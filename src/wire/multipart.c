#include "multipart.h"

#include <string.h>

#include "header.h"

enum {
  MAX_HEAD = 64 * 1024,
  MAX_PADDING = 64 /* blanks after a boundary, looked at again for each byte */
};

static bool find_boundary(dt_multipart *m, const char *type) {
  dt_buffer *value = &m->head; /* which is not in use yet */
  if (!dt_header_parameter(type, strlen(type), "boundary", value) ||
      value->len == 0 || value->len > DT_MULTIPART_BOUNDARY ||
      memchr(value->data, '\r', value->len) ||
      memchr(value->data, '\n', value->len))
    return false;
  memcpy(m->delimiter, "\r\n--", 4);
  memcpy(m->delimiter + 4, value->data, value->len);
  m->length = value->len + 4;
  m->matched = 2; /* the first boundary needs no line before it */
  return true;
}

bool dt_multipart_open(dt_multipart *m, const char *content_type,
                       const dt_multipart_events *events, void *arg) {
  *m = (dt_multipart){.events = events, .arg = arg};
  if (content_type && dt_header_equal(content_type, "multipart/", 10) &&
      find_boundary(m, content_type))
    return true;
  dt_multipart_close(m);
  return false;
}

static void end_part(dt_multipart *m, const char *problem) {
  if (m->open)
    m->events->end(m->arg, problem);
  m->open = false;
}

static void give_up(dt_multipart *m, const char *why) {
  end_part(m, why);
  m->error = why;
  m->state = DT_MULTIPART_ENDED;
}

static void body(dt_multipart *m, const char *bytes, size_t n) {
  if (m->open && n > 0)
    m->events->data(m->arg, bytes, n);
}

/* Goes on after a whole delimiter.  It is a boundary only if the rest of its
 * line is blank. */
static void enter_line(dt_multipart *m) {
  m->matched = 0;
  dt_buffer_clear(&m->head);
  m->state = DT_MULTIPART_LINE;
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
        enter_line(m);
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
  if ((long long)n > m->left)
    n = (size_t)m->left;
  body(m, bytes, n);
  m->left -= (long long)n;
  if (m->left == 0)
    m->state = DT_MULTIPART_TAIL;
  return n;
}

/* Expects the delimiter after a body of known length.  If it is not there, the
 * part fails, and the parser looks for the next boundary: the parts after it
 * may be whole. */
static size_t tail(dt_multipart *m, const char *bytes, size_t n) {
  size_t i = 0;
  while (i < n && bytes[i] == m->delimiter[m->matched]) {
    i++;
    if (++m->matched == m->length) {
      end_part(m, NULL);
      enter_line(m);
      return i;
    }
  }
  if (i < n) {
    end_part(m, "its data is not as long as announced");
    m->state = DT_MULTIPART_SCAN;
  }
  return i;
}

/* Whether what follows a delimiter can be the rest of its line. */
static bool is_line_end(const dt_buffer *h) {
  size_t i = 0;
  size_t most = h->len < MAX_PADDING ? h->len : MAX_PADDING;
  while (i < most && (h->data[i] == ' ' || h->data[i] == '\t'))
    i++;
  return (i == h->len || h->data[i] == '\r') &&
         (i + 1 >= h->len || h->data[i + 1] == '\n');
}

/* Handles a delimiter whose line has other text; 'n' bytes of that text are
 * already taken. */
static void leave_line(dt_multipart *m, size_t n) {
  if (m->events->longer_line_is_content) {
    body(m, m->delimiter, m->length);
    body(m, m->head.data, n);
    m->state = DT_MULTIPART_SCAN;
    return;
  }
  end_part(m, NULL);
  m->state = DT_MULTIPART_ENDED;
}

/* Reads the rest of a delimiter's line.  At a byte that does not fit, it stops
 * before that byte: no earlier byte can begin another delimiter. */
static size_t line(dt_multipart *m, const char *bytes, size_t n) {
  dt_buffer *h = &m->head;
  for (size_t i = 0; i < n; i++) {
    if (!dt_buffer_addc(h, bytes[i])) {
      give_up(m, "out of memory");
      return n;
    }
    if (h->len < 2)
      continue;
    if (h->len == 2 && memcmp(h->data, "--", 2) == 0) {
      end_part(m, NULL);
      m->closed = true;
      m->state = DT_MULTIPART_ENDED;
      return n;
    }
    if (!is_line_end(h)) {
      leave_line(m, h->len - 1);
      return i;
    }
    if (bytes[i] == '\n') {
      end_part(m, NULL);
      memcpy(h->data, "\r\n", 2); /* so that no header at all ends as some do */
      h->len = 2;
      m->state = DT_MULTIPART_HEAD;
      return i + 1;
    }
  }
  return n;
}

static size_t head(dt_multipart *m, const char *bytes, size_t n) {
  dt_buffer *h = &m->head;
  for (size_t i = 0; i < n; i++) {
    if (h->len == MAX_HEAD + 2 || !dt_buffer_addc(h, bytes[i])) {
      give_up(m, h->failed ? "out of memory" : "part headers too long");
      return n;
    }
    if (h->len >= 4 && memcmp(h->data + h->len - 4, "\r\n\r\n", 4) == 0) {
      m->open = true;
      m->left = m->events->begin(m->arg, h->data, h->len);
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
                   : m->state == DT_MULTIPART_LINE  ? line(m, bytes, n)
                   : m->state == DT_MULTIPART_HEAD  ? head(m, bytes, n)
                                                    : scan(m, bytes, n);
    bytes += taken;
    n -= taken;
  }
}

bool dt_multipart_finish(dt_multipart *m) {
  /* A part that is followed by a whole delimiter is complete, even if the body
   * ends inside the delimiter's line. */
  end_part(m, m->state == DT_MULTIPART_LINE
                  ? NULL
                  : "the answer ended in the middle of it");
  m->state = DT_MULTIPART_ENDED;
  return m->closed;
}

void dt_multipart_close(dt_multipart *m) {
  dt_buffer_free(&m->head);
}
