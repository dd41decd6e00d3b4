#include "buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool dt_buffer_reserve(dt_buffer *b, size_t n) {
  if (b->failed)
    return false;
  if (n <= b->cap - b->len)
    return true;
  size_t capacity = b->cap ? b->cap : 256;
  while (capacity - b->len < n) {
    if (capacity > SIZE_MAX / 2)
      return b->failed = true, false;
    capacity *= 2;
  }
  char *data = realloc(b->data, capacity);
  if (!data)
    return b->failed = true, false;
  b->data = data;
  b->cap = capacity;
  return true;
}

bool dt_buffer_add(dt_buffer *b, const void *bytes, size_t n) {
  if (!dt_buffer_reserve(b, n))
    return false;
  if (n > 0)
    memcpy(b->data + b->len, bytes, n);
  b->len += n;
  return true;
}

bool dt_buffer_adds(dt_buffer *b, const char *s) {
  return dt_buffer_add(b, s, strlen(s));
}

bool dt_buffer_addc(dt_buffer *b, char c) {
  return dt_buffer_add(b, &c, 1);
}

static bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

bool dt_buffer_addescaped(dt_buffer *b, const char *s, size_t n) {
  static const char hex[] = "0123456789ABCDEF";
  if (n > SIZE_MAX / 3 || !dt_buffer_reserve(b, 3 * n))
    return b->failed = true, false;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    if (is_unreserved(c))
      b->data[b->len++] = (char)c;
    else {
      b->data[b->len++] = '%';
      b->data[b->len++] = hex[c >> 4];
      b->data[b->len++] = hex[c & 15];
    }
  }
  return true;
}

bool dt_buffer_terminate(dt_buffer *b) {
  if (!dt_buffer_reserve(b, 1))
    return false;
  b->data[b->len] = '\0';
  return true;
}

void dt_buffer_clear(dt_buffer *b) {
  b->len = 0;
  b->failed = false;
}

void dt_buffer_free(dt_buffer *b) {
  free(b->data);
  *b = (dt_buffer){0};
}
