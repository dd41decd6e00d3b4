#include "ready.h"

#include <limits.h>

#include "client.h"
#include "../flow/attention.h"
#include "../flow/driver.h"

int dt_ready_watch(lua_State *L, dt_client *c, dt_transfer *t, int needs_lua,
                   int client) {
  lua_Integer tag = luaL_checkinteger(L, 2);
  dt_client_check_process(L, c);
  luaL_argcheck(L, tag >= 0 && tag <= INT_MAX, 2, "out of range");
  luaL_argcheck(L, !c->driver.background, 1,
                "a thread turns the client's driver");
  if (lua_isthread(L, 3) && (lua_tothread(L, 3) != L || !dt_isyieldable(L))) {
    lua_pushboolean(L, 0);
    return 1;
  }
  dt_driver_unwatch(&c->driver, t);
  if (tag == 0 || t->done || needs_lua || dt_attention_needs_lua(t))
    return 0;
  t->tag = (int)tag;
  dt_getuservalue(L, 1, client);
  return 1;
}

int dt_ready_turn(lua_State *L) {
  dt_client *c = dt_class_check(L, 1, &dt_client_class);
  double seconds = (double)luaL_checknumber(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  dt_client_check_process(L, c);
  dt_driver *d = &c->driver;
  luaL_argcheck(L, !d->background, 1, "a thread turns the client's driver");
  if (!c->closed)
    dt_attention_turn(d, seconds);
  int n = 0;
  dt_transfer *t;
  while ((t = DT_LIST_FIRST(dt_transfer, ready, &d->ready)) != NULL) {
    lua_pushinteger(L, t->tag);
    lua_rawseti(L, 3, ++n); /* may raise: it stays in the list */
    dt_driver_unwatch(d, t);
  }
  lua_pushinteger(L, n);
  lua_pushinteger(L, d->count);
  return 2;
}
