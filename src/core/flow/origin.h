/* The part of a URL that says which server: scheme, host, port. */
#ifndef dt_origin_h
#define dt_origin_h

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Its length; 0: the text is no URL. */
size_t dt_origin_length(const char *url);

/* Whether two URLs lead to the same server, as far as their texts say. */
bool dt_origin_is(const char *url, const char *other);

/* A copy of it, to be freed; NULL without memory. */
char *dt_origin_copy(const char *url);

#pragma GCC visibility pop
#endif
