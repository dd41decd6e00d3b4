/* The request as libcurl is told of it. */
#ifndef dt_request_setup_h
#define dt_request_setup_h

#include "request.h"

#pragma GCC visibility push(hidden)

/* Sets all options of the request's easy handle; 'fresh': it is new.
** 'form_path' is where an upload by form goes ('n' bytes), 'seconds' the
** deadline (0: none).  What the options point at belongs to the request. */
CURLcode dt_request_setup(dt_request *r, const char *form_path, size_t n,
                          double seconds, int fresh);

/* The client's headers for this kind of request. */
const struct curl_slist *dt_request_headers(const dt_request *r);

#pragma GCC visibility pop
#endif
