#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int reserve(dt_buffer *b, size_t n) {
  if (b->failed)
    return 0;
  if (n <= b->capacity - b->length)
    return 1;
  size_t capacity = b->capacity ? b->capacity : 256;
  while (capacity - b->length < n) {
    if (capacity > SIZE_MAX / 2)
      return b->failed = 1, 0;
    capacity *= 2;
  }
  char *data = realloc(b->data, capacity);
  if (!data)
    return b->failed = 1, 0;
  b->data = data;
  b->capacity = capacity;
  return 1;
}

int dt_buffer_add(dt_buffer *b, const void *bytes, size_t n) {
  if (!reserve(b, n))
    return 0;
  if (n > 0)
    memcpy(b->data + b->length, bytes, n);
  b->length += n;
  return 1;
}

int dt_buffer_adds(dt_buffer *b, const char *s) {
  return dt_buffer_add(b, s, strlen(s));
}

int dt_buffer_addc(dt_buffer *b, char c) {
  return dt_buffer_add(b, &c, 1);
}

static bool is_unreserved(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

int dt_buffer_addescaped(dt_buffer *b, const char *s, size_t n) {
  static const char hex[] = "0123456789ABCDEF";
  if (n > SIZE_MAX / 3 || !reserve(b, 3 * n))
    return b->failed = 1, 0;
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    if (is_unreserved(c))
      b->data[b->length++] = (char)c;
    else {
      b->data[b->length++] = '%';
      b->data[b->length++] = hex[c >> 4];
      b->data[b->length++] = hex[c & 15];
    }
  }
  return 1;
}

int dt_buffer_terminate(dt_buffer *b) {
  if (!reserve(b, 1))
    return 0;
  b->data[b->length] = '\0';
  return 1;
}

void dt_buffer_clear(dt_buffer *b) {
  b->length = 0;
  b->failed = 0;
}

void dt_buffer_free(dt_buffer *b) {
  free(b->data);
  *b = (dt_buffer){0};
}
