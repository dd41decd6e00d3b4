/* The head of an answer, as libcurl gives it. */
#ifndef dt_request_head_h
#define dt_request_head_h

#include "request_state.h"

#pragma GCC visibility push(hidden)

/* Takes note of one line of the head of an answer to the request 'arg': what
 * libcurl calls with each.  Returns 0 when there are too many. */
size_t dt_request_on_header(char *data, size_t size, size_t count, void *arg);

#pragma GCC visibility pop
#endif
