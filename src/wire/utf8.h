#ifndef dt_utf8_h
#define dt_utf8_h

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* How many of the 'n' bytes are UTF-8 (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF) before the first that is not. */
size_t dt_utf8_prefix(const char *s, size_t n);

#pragma GCC visibility pop
#endif
