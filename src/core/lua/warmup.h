/* The connection to a server of toolboxes, made while a sandbox starts: a HEAD
** request without a credential, whose answer nobody looks at, leaves it among
** those that calls use.  (What libcurl only connects, calls cannot use.) */
#ifndef dt_warmup_h
#define dt_warmup_h

#include "client.h"

#pragma GCC visibility push(hidden)

/* client:warm_up(sandbox) -> whether it has begun: not where the toolbox is not
** known, is reached without TLS, which costs next to nothing, or is at the same
** server as the API, and not again within a minute. */
int dt_client_warm_up(lua_State *L);

/* client:cool_down(): ends it, unless it is done, or calls can share the
** connection while it is being made: they would wait for it in vain. */
int dt_client_cool_down(lua_State *L);

#pragma GCC visibility pop
#endif
