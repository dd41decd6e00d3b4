#ifndef dt_websocket_open_h
#define dt_websocket_open_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* client:connect(operation, params [, sandbox [, seconds [, preconnection]]])
 * -> websocket, or nil and an error object.  What was connected ahead (see
 * preconnect.h) is used if it leads to the same server. */
int dt_websocket_connect(lua_State *L);

#pragma GCC visibility pop
#endif
