#include "base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz0123456789+/";

enum { NO_DIGIT = 64, SPACE, PADDING };

size_t dt_base64_encoded_size(size_t n) {
  return n / 3 * 4 + (n % 3 > 0 ? 4 : 0);
}

size_t dt_base64_decoded_size(size_t n) {
  return n / 4 * 3 + n % 4;
}

static char digit_of(unsigned value, bool for_url) {
  if (for_url && value >= 62)
    return value == 62 ? '-' : '_';
  return alphabet[value];
}

size_t dt_base64_encode(const void *bytes, size_t n, bool for_url, char *out) {
  const unsigned char *p = bytes;
  char *start = out;
  for (; n > 0; p += 3) {
    unsigned group = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0u) |
                     (n > 2 ? p[2] : 0u);
    *out++ = digit_of(group >> 18, for_url);
    *out++ = digit_of(group >> 12 & 63, for_url);
    if (n > 1 || !for_url)
      *out++ = n > 1 ? digit_of(group >> 6 & 63, for_url) : '=';
    if (n > 2 || !for_url)
      *out++ = n > 2 ? digit_of(group & 63, for_url) : '=';
    n -= n < 3 ? n : 3;
  }
  return (size_t)(out - start);
}

/* The value of a base64 character, or the kind of character it is instead. */
static unsigned value_of(char c, bool for_url) {
  if (c >= 'A' && c <= 'Z')
    return (unsigned)(c - 'A');
  if (c >= 'a' && c <= 'z')
    return (unsigned)(c - 'a') + 26;
  if (c >= '0' && c <= '9')
    return (unsigned)(c - '0') + 52;
  if (c == (for_url ? '-' : '+'))
    return 62;
  if (c == (for_url ? '_' : '/'))
    return 63;
  if (c == '=')
    return PADDING;
  return c == ' ' || (c >= '\t' && c <= '\r') ? SPACE : NO_DIGIT;
}

bool dt_base64_decode(const char *text, size_t n, bool for_url, void *out,
                      size_t *size) {
  unsigned char *start = out, *p = start;
  unsigned group = 0, digits = 0, padding = 0;
  for (size_t i = 0; i < n; i++) {
    unsigned value = value_of(text[i], for_url);
    if (value == SPACE)
      continue;
    if (value == PADDING) {
      if (++padding > 2)
        return false;
      continue;
    }
    if (value == NO_DIGIT || padding > 0)
      return false;
    group = group << 6 | value;
    if (++digits % 4 == 0) {
      *p++ = (unsigned char)(group >> 16 & 255);
      *p++ = (unsigned char)(group >> 8 & 255);
      *p++ = (unsigned char)(group & 255);
    }
  }
  if (digits % 4 == 1)
    return false;
  if (digits % 4 >= 2)
    *p++ = (unsigned char)(group >> (digits % 4 == 2 ? 4 : 10) & 255);
  if (digits % 4 == 3)
    *p++ = (unsigned char)(group >> 2 & 255);
  *size = (size_t)(p - start);
  return true;
}
