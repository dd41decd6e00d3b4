/* A request that begins anew within the same call. */
#ifndef dt_again_h
#define dt_again_h

#include "request_state.h"

#pragma GCC visibility push(hidden)

/* Takes a request that libcurl is done with out of the CURLM, and leaves it the
 * rest of its time.  Options may be set then. */
CURLcode dt_again_take(dt_request *r);

/* Begins it again with its body from the start; returns whether that could be
 * done. */
int dt_again_give(dt_request *r);

/* The same for one whose connection was not fit to carry it, on a new one. */
int dt_again_elsewhere(dt_request *r);

#pragma GCC visibility pop
#endif
