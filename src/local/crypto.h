#ifndef DL_CRYPTO_H
#define DL_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#define DL_CRYPTO_SHA256 32     /* bytes of a digest */
#define DL_CRYPTO_SHA256_HEX 65 /* size of a hex digest with its NUL */
#define DL_CRYPTO_UUID 37       /* size of a UUID text with its NUL */

#pragma GCC visibility push(hidden)

/* SHA-256 of the bytes as hex text. 0, or -1 if the library refuses. */
int dl_crypto_sha256_hex(const void *data, size_t len,
                         char out[DL_CRYPTO_SHA256_HEX]);

/* HMAC with SHA-256 of the bytes, by a key that is text. 0, or -1. */
int dl_crypto_hmac_sha256(const char *key, const void *data, size_t len,
                          unsigned char out[DL_CRYPTO_SHA256]);

/* Whether two C strings are equal, in time that depends on their lengths
 * only. */
bool dl_crypto_equal(const char *a, const char *b);

/* Fills `out` from the kernel's random source. 0, or -1. */
int dl_crypto_random(void *out, size_t len);

/* Writes `digits` (even, at most 128) random hex digits and a NUL. 0, or -1. */
int dl_crypto_random_hex(char *out, size_t digits);

/* Writes a random (version 4) UUID. 0, or -1 without randomness. */
int dl_crypto_uuid(char out[DL_CRYPTO_UUID]);

#pragma GCC visibility pop

#endif
