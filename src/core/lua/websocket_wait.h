/* What hosts wait with: the methods that a WebSocket, for those who receive,
 * and its writer, for those who send, have in common with requests. */
#ifndef dt_websocket_wait_h
#define dt_websocket_wait_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

extern const luaL_Reg dt_websocket_waiting[];

#pragma GCC visibility pop
#endif
