#include "handshake.h"

#include <string.h>
#include <sys/random.h>

#include "sha1.h"

enum { KEY_BYTES = 16 };

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* Writes 'n' bytes as base64 with padding and a NUL. */
static void encode(const unsigned char *bytes, size_t n, char *out) {
  for (size_t i = 0; i < n; i += 3) {
    size_t left = n - i;
    unsigned long group = (unsigned long)bytes[i] << 16 |
                          (left > 1 ? (unsigned long)bytes[i + 1] << 8 : 0) |
                          (left > 2 ? bytes[i + 2] : 0);
    *out++ = digits[group >> 18 & 63];
    *out++ = digits[group >> 12 & 63];
    *out++ = left > 1 ? digits[group >> 6 & 63] : '=';
    *out++ = left > 2 ? digits[group & 63] : '=';
  }
  *out = '\0';
}

int dt_handshake_key(char out[DT_HANDSHAKE_KEY]) {
  unsigned char bytes[KEY_BYTES];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
    return -1;
  encode(bytes, sizeof bytes, out);
  return 0;
}

int dt_handshake_accept(const char *key, char out[DT_HANDSHAKE_ACCEPT]) {
  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  char text[DT_HANDSHAKE_KEY + sizeof guid];
  unsigned char digest[DT_SHA1_SIZE];
  size_t n = strspn(key, digits);
  if (n != DT_HANDSHAKE_KEY - 3 || strcmp(key + n, "==") != 0)
    return -1;
  memcpy(text, key, n + 2);
  memcpy(text + n + 2, guid, sizeof guid - 1);
  dt_sha1(text, n + 2 + sizeof guid - 1, digest);
  encode(digest, sizeof digest, out);
  return 0;
}
