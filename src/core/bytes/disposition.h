/* Headers of a part of a multipart body: which one, and of which file. */
#ifndef dt_disposition_h
#define dt_disposition_h

#include "buffer.h"

#pragma GCC visibility push(hidden)

/* The value of the header 'name' among the CRLF-ended lines of 'head', its
 * length in '*length'; NULL if there is none. */
const char *dt_disposition_header(const char *head, size_t n, const char *name,
                                  size_t *length);

/* Appends the parameter 'name' of a header's value to 'out', without quotes
 * and escapes; a name that ends in "*" is percent-decoded without its charset.
 * Returns 0 if there is none. */
int dt_disposition_parameter(const char *value, size_t n, const char *name,
                             dt_buffer *out);

#pragma GCC visibility pop
#endif
