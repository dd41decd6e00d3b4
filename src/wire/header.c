#include "header.h"

#include <string.h>

#include "hex.h"

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool dt_header_equal(const char *a, const char *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (lower(a[i]) != lower(b[i]))
      return false;
    if (a[i] == '\0')
      break;
  }
  return true;
}

const char *dt_header_find(const char *head, size_t n, const char *name,
                           size_t *length) {
  const char *end = head + n;
  size_t k = strlen(name);
  for (const char *p = head; p < end;) {
    const char *line_end = memchr(p, '\r', (size_t)(end - p));
    if (!line_end)
      line_end = end;
    if ((size_t)(line_end - p) > k && p[k] == ':' &&
        dt_header_equal(p, name, k)) {
      p += k + 1;
      while (p < line_end && (*p == ' ' || *p == '\t'))
        p++;
      *length = (size_t)(line_end - p);
      return p;
    }
    p = line_end + 1;
    if (p < end && *p == '\n')
      p++;
  }
  return NULL;
}

/* Appends the text of charset'language'text, percent-decoded. */
static bool add_extended(const char *p, const char *end, dt_buffer *out) {
  for (int quotes = 0; quotes < 2; quotes++) {
    const char *quote = memchr(p, '\'', (size_t)(end - p));
    if (!quote)
      return false;
    p = quote + 1;
  }
  for (; p < end; p++) {
    char c = *p;
    if (c == '%' && end - p > 2 && dt_hex_value(p[1]) >= 0 &&
        dt_hex_value(p[2]) >= 0) {
      c = (char)(dt_hex_value(p[1]) * 16 + dt_hex_value(p[2]));
      p += 2;
    }
    if (!dt_buffer_addc(out, c))
      return false;
  }
  return true;
}

/* The end of the parameter's value that begins at 'p'. */
static const char *value_end(const char *p, const char *end) {
  if (p < end && *p == '"') {
    for (p++; p < end && *p != '"'; p++)
      if (*p == '\\' && p + 1 < end)
        p++;
    return p < end ? p + 1 : end;
  }
  while (p < end && *p != ';' && *p != ' ' && *p != '\t')
    p++;
  return p;
}

/* Appends a plain or quoted value.  A quoted value without its closing quote
 * does not count. */
static bool add_plain(const char *p, const char *end, dt_buffer *out) {
  bool quoted = p < end && *p == '"';
  for (p += quoted; p < end && !(quoted && *p == '"'); p++) {
    if (quoted && *p == '\\' && p + 1 < end)
      p++;
    if (!dt_buffer_addc(out, *p))
      return false;
  }
  return !quoted || p < end;
}

bool dt_header_parameter(const char *value, size_t n, const char *name,
                         dt_buffer *out) {
  const char *end = value + n;
  size_t k = strlen(name);
  const char *p = memchr(value, ';', n);
  if (!p)
    return false;
  while (p < end) {
    while (p < end && (*p == ';' || *p == ' ' || *p == '\t'))
      p++;
    const char *equals = p;
    while (equals < end && *equals != '=' && *equals != ';')
      equals++;
    if (equals == end)
      return false;
    if (*equals == ';') { /* a parameter without a value */
      p = equals;
      continue;
    }
    const char *stop = value_end(equals + 1, end);
    if ((size_t)(equals - p) == k && dt_header_equal(p, name, k))
      return name[k - 1] == '*' ? add_extended(equals + 1, stop, out)
                                : add_plain(equals + 1, stop, out);
    p = stop;
  }
  return false;
}
