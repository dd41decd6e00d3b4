/* Userdata daytona.core.preconnection: a connection to the toolbox of a sandbox
 * that is made ahead, while another request is under way, for a WebSocket that
 * will be wanted then.  It carries nothing until that takes it over; one that
 * nobody takes is closed with its owner, or after a while.  And the connection
 * for calls, see flow/warmup.h. */
#ifndef dt_preconnect_h
#define dt_preconnect_h

#include "class.h"
#include "../socket/preconnection.h"

#pragma GCC visibility push(hidden)

extern const dt_class dt_preconnection_class;

/* client:preconnect(sandbox [, seconds]) -> preconnection; nil if it is not
 * known where the toolbox is, or the client may not send anything there.  It is
 * kept for so long (60) after it was begun. */
int dt_client_preconnect(lua_State *L);

/* client:warm_up(sandbox) -> whether it has begun: not where the toolbox is not
 * known, is reached without TLS, which costs next to nothing, or is at the same
 * server as the API, and not again within a minute. */
int dt_client_warm_up(lua_State *L);

/* client:cool_down(): ends it, unless it is done, or calls can share the
 * connection while it is being made: they would wait for it in vain. */
int dt_client_cool_down(lua_State *L);

/* Makes the metatable. */
void dt_preconnect_open(lua_State *L);

#pragma GCC visibility pop
#endif
