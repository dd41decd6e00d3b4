#ifndef DL_CRYPTO_H
#define DL_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#define DL_CRYPTO_SHA256 32     /* bytes of a digest */
#define DL_CRYPTO_SHA256_HEX 65 /* size of a hex digest with its NUL */
#define DL_CRYPTO_UUID 37       /* size of a UUID text with its NUL */

#pragma GCC visibility push(hidden)

void dl_crypto_hex(const unsigned char *data, size_t len, char *out);
int dl_crypto_sha256_hex(const void *data, size_t len,
                         char out[DL_CRYPTO_SHA256_HEX]);
int dl_crypto_hmac_sha256(const char *key, const void *data, size_t len,
                          unsigned char out[DL_CRYPTO_SHA256]);
bool dl_crypto_equal(const char *a, const char *b);
int dl_crypto_random(void *out, size_t len);
int dl_crypto_random_hex(char *out, size_t digits);
int dl_crypto_uuid(char out[DL_CRYPTO_UUID]);

#pragma GCC visibility pop

#endif
