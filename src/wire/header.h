/* Header lines and the parameters of their values, as parts of multipart bodies
 * have them: name, file name, boundary. */
#ifndef dt_header_h
#define dt_header_h

#include <stdbool.h>

#include "buffer.h"

#pragma GCC visibility push(hidden)

/* Whether 'n' bytes are equal but for the case of ASCII letters, whatever the
 * locale is.  Ends at a NUL in both, so either may be a C string. */
bool dt_header_equal(const char *a, const char *b, size_t n);

/* The value of the header 'name' among the CRLF-ended lines of 'head', its
 * length in '*length'; NULL if there is none. */
const char *dt_header_find(const char *head, size_t n, const char *name,
                           size_t *length);

/* Appends the parameter 'name' of a header's value to 'out', without quotes
 * and escapes; a name that ends in "*" is percent-decoded without its charset.
 * Returns false if there is none, if its quotes do not end, or without memory
 * ('out' has failed then). */
bool dt_header_parameter(const char *value, size_t n, const char *name,
                         dt_buffer *out);

#pragma GCC visibility pop
#endif
