/* A small request beside others on one connection of HTTP/2, to see whether
 * anybody is there: libcurl offers no PING to a CURLM. */
#ifndef dt_probe_h
#define dt_probe_h

#include "link.h"

#pragma GCC visibility push(hidden)

extern const dt_transfer_kind dt_probe_kind;

/* Starts one; NULL: it could not be. */
dt_probe *dt_probe_start(dt_link *l);

/* Ends it, answered or not. */
void dt_probe_free(dt_driver *d, dt_probe *p);

#pragma GCC visibility pop
#endif
