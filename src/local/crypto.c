#include "crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "wire/hex.h"

int dl_crypto_sha256_hex(const void *data, size_t len,
                         char out[DL_CRYPTO_SHA256_HEX]) {
  unsigned char digest[DL_CRYPTO_SHA256];
  unsigned int size = 0;
  if (EVP_Digest(data, len, digest, &size, EVP_sha256(), NULL) != 1 ||
      size != sizeof digest)
    return -1;
  dt_hex_encode(digest, sizeof digest, out);
  return 0;
}

int dl_crypto_hmac_sha256(const char *key, const void *data, size_t len,
                          unsigned char out[DL_CRYPTO_SHA256]) {
  unsigned int size = 0;
  return HMAC(EVP_sha256(), key, (int)strlen(key), data, len, out, &size) &&
                 size == DL_CRYPTO_SHA256
             ? 0
             : -1;
}

bool dl_crypto_equal(const char *a, const char *b) {
  size_t len = strlen(a);
  return len == strlen(b) && CRYPTO_memcmp(a, b, len) == 0;
}

int dl_crypto_random(void *out, size_t len) {
  unsigned char *p = out;
  while (len > 0) {
    ssize_t n = getrandom(p, len, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return -1;
    p += n;
    len -= (size_t)n;
  }
  return 0;
}

int dl_crypto_random_hex(char *out, size_t digits) {
  unsigned char raw[64];
  if (digits > 2 * sizeof raw || digits % 2 != 0)
    return -1;
  if (dl_crypto_random(raw, digits / 2))
    return -1;
  dt_hex_encode(raw, digits / 2, out);
  return 0;
}

int dl_crypto_uuid(char out[DL_CRYPTO_UUID]) {
  unsigned char raw[16];
  if (dl_crypto_random(raw, sizeof raw))
    return -1;
  raw[6] = (unsigned char)((raw[6] & 0x0F) | 0x40);
  raw[8] = (unsigned char)((raw[8] & 0x3F) | 0x80);
  char hex[33];
  dt_hex_encode(raw, sizeof raw, hex);
  snprintf(out, DL_CRYPTO_UUID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
           hex + 12, hex + 16, hex + 20);
  return 0;
}
