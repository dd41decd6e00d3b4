/* Large bodies go by HTTP/1.1, on connections apart from those of HTTP/2. */
#ifndef dt_apart_h
#define dt_apart_h

#include <stdbool.h>

#include "request_state.h"

#pragma GCC visibility push(hidden)

/* Whether the request's body is one of them. */
bool dt_apart_is_wanted(const dt_request *r);

/* Sets the options of its easy handle. */
CURLcode dt_apart_set_up(dt_request *r);

/* Whether a request that failed so is under way by HTTP/2 now. */
int dt_apart_falls_back(dt_transfer *t, CURLcode code);

#pragma GCC visibility pop
#endif
