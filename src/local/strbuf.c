#include "strbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "wire/utf8.h"

void dl_strbuf_free(dl_strbuf *sb) {
  dt_buffer_free(sb);
}

void dl_strbuf_clear(dl_strbuf *sb) {
  sb->len = 0;
  if (sb->data)
    sb->data[0] = '\0';
}

int dl_strbuf_reserve(dl_strbuf *sb, size_t extra) {
  if (extra == SIZE_MAX || !dt_buffer_reserve(sb, extra + 1)) {
    sb->failed = true;
    return -1;
  }
  sb->data[sb->len] = '\0';
  return 0;
}

int dl_strbuf_add(dl_strbuf *sb, const void *data, size_t len) {
  if (dl_strbuf_reserve(sb, len))
    return -1;
  dt_buffer_add(sb, data, len);
  sb->data[sb->len] = '\0';
  return 0;
}

int dl_strbuf_adds(dl_strbuf *sb, const char *s) {
  return dl_strbuf_add(sb, s, strlen(s));
}

int dl_strbuf_addc(dl_strbuf *sb, char c) {
  return dl_strbuf_add(sb, &c, 1);
}

int dl_strbuf_addf(dl_strbuf *sb, const char *format, ...) {
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n < 0 || dl_strbuf_reserve(sb, (size_t)n)) {
    sb->failed = true;
    va_end(again);
    return -1;
  }
  vsnprintf(sb->data + sb->len, (size_t)n + 1, format, again);
  va_end(again);
  sb->len += (size_t)n;
  return 0;
}

static bool is_tail(unsigned char c) {
  return (c & 0xC0) == 0x80;
}

bool dl_strbuf_is_utf8(const char *data, size_t len) {
  return dt_utf8_prefix(data, len) == len;
}

size_t dl_strbuf_utf8_start(const char *data, size_t len) {
  for (size_t i = 1; i <= 3 && i <= len; i++) {
    unsigned char c = (unsigned char)data[len - i];
    if (!is_tail(c))
      return c >= 0xF0 || (c >= 0xE0 && i < 3) || (c >= 0xC2 && i < 2) ? i : 0;
  }
  return 0;
}

int dl_strbuf_add_utf8(dl_strbuf *sb, const char *data, size_t len) {
  while (len > 0) {
    size_t n = dt_utf8_prefix(data, len);
    if (dl_strbuf_add(sb, data, n))
      return -1;
    if (n == len)
      break;
    if (dl_strbuf_add(sb, "\xEF\xBF\xBD", 3))
      return -1;
    data += n + 1;
    len -= n + 1;
  }
  return sb->failed ? -1 : 0;
}

char *dl_strbuf_detach(dl_strbuf *sb) {
  if (dl_strbuf_reserve(sb, 0)) {
    dl_strbuf_free(sb);
    return NULL;
  }
  sb->data[sb->len] = '\0';
  char *data = sb->data;
  memset(sb, 0, sizeof *sb);
  return data;
}
