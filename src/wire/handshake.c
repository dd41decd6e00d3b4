#include "handshake.h"

#include <string.h>
#include <sys/random.h>

#include "base64.h"
#include "sha1.h"

enum { KEY_BYTES = 16 };

/* Writes 'n' bytes as base64 with padding and a NUL. */
static void encode(const unsigned char *bytes, size_t n, char *out) {
  out[dt_base64_encode(bytes, n, false, out)] = '\0';
}

int dt_handshake_key(char out[DT_HANDSHAKE_KEY]) {
  unsigned char bytes[KEY_BYTES];
  if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
    return -1;
  encode(bytes, sizeof bytes, out);
  return 0;
}

/* Whether a text is 16 bytes in base64, and nothing else. */
static bool is_key(const char *key, size_t n) {
  unsigned char bytes[KEY_BYTES + 8];
  size_t size;
  return n == DT_HANDSHAKE_KEY - 1 && strcspn(key, "= \t\n\v\f\r") == n - 2 &&
         dt_base64_decode(key, n, false, bytes, &size) && size == KEY_BYTES;
}

int dt_handshake_accept(const char *key, char out[DT_HANDSHAKE_ACCEPT]) {
  static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  char text[DT_HANDSHAKE_KEY + sizeof guid];
  unsigned char digest[DT_SHA1_SIZE];
  size_t n = strlen(key);
  if (!is_key(key, n))
    return -1;
  memcpy(text, key, n);
  memcpy(text + n, guid, sizeof guid - 1);
  dt_sha1(text, n + sizeof guid - 1, digest);
  encode(digest, sizeof digest, out);
  return 0;
}
