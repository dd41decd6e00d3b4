/* Whether connections that are waited on still live, and what is done about
 * those that do not. */
#ifndef dt_pulse_h
#define dt_pulse_h

#include "driver_state.h"

#pragma GCC visibility push(hidden)

/* Looks at the links of live transfers when it is time. */
void dt_pulse_beat(dt_driver *d);

/* To be called when a transfer is about to leave the driver: a link on which
 * nothing was heard in the time of a call takes no further one. */
void dt_pulse_ended(dt_transfer *t, CURLcode code);

/* To be called before a transfer starts.  A connection of HTTP/1.1 that carries
 * nothing, and on which something came in, is at its end: TLS says so in bytes.
 * For libcurl a connection with bytes is a live one. */
void dt_pulse_sweep(dt_driver *d);

/* To be called when a kept connection broke before 't' had an answer.  What
 * ends one, a server that starts anew or a way that changes, ends the others,
 * too, and there may be more of them than a call has attempts. */
void dt_pulse_died(const dt_transfer *t);

/* What a WebSocket at this descriptor was sent has no answer: idle connections
 * to the same server are given up. */
void dt_pulse_fell_silent(dt_driver *d, int fd);

#pragma GCC visibility pop
#endif
