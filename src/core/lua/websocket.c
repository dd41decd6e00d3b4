#include "websocket.h"

#include "client.h"
#include "../flow/request_life.h"

const dt_class dt_websocket_class = {"daytona.core.websocket"};
const dt_class dt_writer_class = {"daytona.core.websocket.writer"};

dt_websocket *dt_websocket_check(lua_State *L, int index) {
  dt_websocket *w = dt_class_check(L, index, &dt_websocket_class);
  if (w->request.client)
    dt_client_check_process(L, w->request.client);
  return w;
}

/* All parts go together, so that Lua need not enter for every one. */
int dt_websocket_take(dt_websocket *w) {
  if (w->taken.bytes.length > 0)
    return 1;
  if (!dt_driver_is_done(&w->request.transfer) &&
      !__atomic_load_n(&w->news, __ATOMIC_ACQUIRE))
    return 0;
  dt_request_enter(&w->request);
  dt_inbox empty = w->taken;
  w->taken = w->inbox;
  w->inbox = empty;
  __atomic_store_n(&w->news, 0, __ATOMIC_RELEASE);
  dt_request_served(&w->request);
  dt_request_leave(&w->request);
  return w->taken.bytes.length > 0;
}

int dt_websocket_run_busy(lua_State *L, dt_websocket *w, lua_CFunction f) {
  int top = lua_gettop(L);
  lua_pushcfunction(L, f);
  lua_pushlightuserdata(L, w);
  for (int i = 2; i <= top; i++)
    lua_pushvalue(L, i);
  w->request.busy = 1;
  int status = lua_pcall(L, top, LUA_MULTRET, 0);
  w->request.busy = 0;
  return status ? lua_error(L) : lua_gettop(L) - top;
}
