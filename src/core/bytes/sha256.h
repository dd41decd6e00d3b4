/* SHA-256 (FIPS 180-4) of bytes that come in pieces. */
#ifndef dt_sha256_h
#define dt_sha256_h

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

enum { DT_SHA256_BYTES = 32, DT_SHA256_HEX = 2 * DT_SHA256_BYTES };

typedef struct dt_sha256 {
  uint32_t state[8];
  uint64_t length; /* bytes so far */
  unsigned char block[64];
} dt_sha256;

/* Begins anew. */
void dt_sha256_init(dt_sha256 *s);

/* Takes the next bytes. */
void dt_sha256_update(dt_sha256 *s, const void *bytes, size_t n);

/* Writes the digest of what came so far; more bytes may follow. */
void dt_sha256_bytes(const dt_sha256 *s, unsigned char out[DT_SHA256_BYTES]);

/* Writes the digest of what came so far as lower-case hexadecimal with a NUL;
 * more bytes may follow. */
void dt_sha256_hex(const dt_sha256 *s, char out[DT_SHA256_HEX + 1]);

#pragma GCC visibility pop
#endif
