#include "origin.h"

#include <stdlib.h>
#include <string.h>

size_t dt_origin_length(const char *url) {
  const char *host = strstr(url, "://");
  return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/?#") : 0;
}

bool dt_origin_is(const char *url, const char *other) {
  size_t n = dt_origin_length(url);
  return n > 0 && n == dt_origin_length(other) && memcmp(url, other, n) == 0;
}

char *dt_origin_copy(const char *url) {
  size_t n = dt_origin_length(url);
  char *s = malloc(n + 1);
  if (s) {
    memcpy(s, url, n);
    s[n] = '\0';
  }
  return s;
}
