#include "utf8.h"

/* Bytes of the sequence that starts at 's', 0 if it is not UTF-8. */
static size_t sequence(const unsigned char *s, size_t left) {
  unsigned char c = s[0];
  size_t n = c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
  if (n == 0 || n > left)
    return 0;
  for (size_t i = 1; i < n; i++)
    if ((s[i] & 0xC0) != 0x80)
      return 0;
  if ((c == 0xE0 && s[1] < 0xA0) || (c == 0xED && s[1] > 0x9F) ||
      (c == 0xF0 && s[1] < 0x90) || (c == 0xF4 && s[1] > 0x8F))
    return 0;
  return n;
}

size_t dt_utf8_prefix(const char *text, size_t n) {
  const unsigned char *s = (const unsigned char *)text;
  size_t i = 0;
  while (i < n) {
    size_t width = s[i] < 0x80 ? 1 : sequence(s + i, n - i);
    if (width == 0)
      break;
    i += width;
  }
  return i;
}
