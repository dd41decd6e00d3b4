#ifndef dt_websocket_methods_h
#define dt_websocket_methods_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Makes the metatables of a WebSocket and its writer. */
void dt_websocket_open(lua_State *L);

#pragma GCC visibility pop
#endif
