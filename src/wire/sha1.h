/* SHA-1 (FIPS 180-4) of a short text: the WebSocket handshake wants it, not as
 * a matter of security.  Linking libcrypto for that would burden the rock. */
#ifndef dt_sha1_h
#define dt_sha1_h

#include <stddef.h>

#pragma GCC visibility push(hidden)

enum { DT_SHA1_SIZE = 20 };

/* The digest of 'n' bytes. */
void dt_sha1(const void *bytes, size_t n, unsigned char out[DT_SHA1_SIZE]);

#pragma GCC visibility pop
#endif
