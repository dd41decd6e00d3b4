/* The connection to a server of toolboxes, made while a sandbox starts: a HEAD
 * request without a credential, whose answer nobody looks at, leaves it among
 * those that calls use.  (What libcurl only connects, calls cannot use.) */
#ifndef dt_warmup_h
#define dt_warmup_h

#include "client_state.h"

#pragma GCC visibility push(hidden)

/* Begins it for the toolboxes at 'base', in the client's turn; returns whether
 * it has begun.  That it has not is of no consequence. */
int dt_warmup_start(dt_client *c, const char *base);

#pragma GCC visibility pop
#endif
