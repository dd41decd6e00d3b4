#ifndef dt_base64_h
#define dt_base64_h

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Bytes that the text of 'n' bytes needs, with padding, without a NUL. */
size_t dt_base64_encoded_size(size_t n);

/* Bytes that 'n' characters decode to at most. */
size_t dt_base64_decoded_size(size_t n);

/* Writes 'n' bytes as base64 (RFC 4648), in one line and without a NUL; returns
 * the number of characters.  'for_url': the alphabet of section 5, no padding.
 */
size_t dt_base64_encode(const void *bytes, size_t n, bool for_url, char *out);

/* Decodes 'n' characters into 'out', which has dt_base64_decoded_size(n) bytes,
 * and puts their number into '*size'.  White space is ignored, and padding may
 * be missing.  False: the text is not base64 in that alphabet. */
bool dt_base64_decode(const char *text, size_t n, bool for_url, void *out,
                      size_t *size);

#pragma GCC visibility pop
#endif
