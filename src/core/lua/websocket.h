/* Userdata daytona.core.websocket: a request that becomes a connection for
 * messages both ways.  Born empty, then owns. */
#ifndef dt_websocket_h
#define dt_websocket_h

#include "request.h"
#include "../socket/websocket_io.h"

#pragma GCC visibility push(hidden)

extern const dt_class dt_websocket_class, dt_writer_class;

/* User values of a WebSocket; a writer has the first, and its WebSocket in the
 * place of the second. */
enum {
  DT_WEBSOCKET_CLIENT = DT_REQUEST_CLIENT,
  DT_WEBSOCKET_WRITER,
  DT_WEBSOCKET_VALUES = 2
};

/* The WebSocket at 'index', to be worked with in this process. */
dt_websocket *dt_websocket_check(lua_State *L, int index);

/* Calls 'f' with the WebSocket as light userdata in the place of the first
 * argument and the others after it, and gives what it pushes.  A finalizer that
 * runs meanwhile must not take away what 'f' reads. */
int dt_websocket_run_busy(lua_State *L, dt_websocket *w, lua_CFunction f);

/* Takes what came into the hands of Lua, unless that still has something;
 * returns whether there is anything. */
int dt_websocket_take(dt_websocket *w);

#pragma GCC visibility pop
#endif
