#include "request_info.h"

#include <string.h>

#include "client.h"
#include "request.h"
#include "websocket.h"
#include "../flow/attention.h"
#include "../flow/request_life.h"

/* The request at 1, which may have become a WebSocket. */
static dt_request *check(lua_State *L) {
  dt_websocket *w = dt_class_test(L, 1, &dt_websocket_class);
  return w ? &w->request : dt_request_check(L, 1);
}

int dt_request_info(lua_State *L) {
  dt_request *r = check(L);
  if (!r->url.data)
    return 0;
  dt_client_check_process(L, r->client);
  /* A chunk is there only of an answer that has begun. */
  dt_request_enter(r);
  int answered = r->transfer.done || dt_attention_is_full(r);
  long status = answered ? dt_request_status(r) : 0;
  dt_request_leave(r);
  lua_pushstring(L, r->method ? r->method : r->operation->method);
  const char *path = r->url.data + r->base_length;
  lua_pushlstring(L, path, strcspn(path, "?"));
  if (r->client->token[0]) {
    luaL_gsub(L, lua_tostring(L, -1), r->client->token, "***");
    lua_remove(L, -2);
  }
  if (status > 0)
    lua_pushinteger(L, (lua_Integer)status);
  else
    lua_pushnil(L);
  if (answered && r->request_id[0])
    lua_pushstring(L, r->request_id);
  else
    lua_pushnil(L);
  return 4;
}

int dt_request_rate_limit(lua_State *L) {
  dt_request *r = check(L);
  if (r->client)
    dt_client_check_process(L, r->client);
  dt_request_enter(r);
  const dt_rate_limit *tightest = dt_rate_limit_tightest(&r->limits);
  const dt_rate_limit limit = tightest ? *tightest : (dt_rate_limit){0};
  dt_request_leave(r);
  if (!tightest)
    return 0;
  lua_pushnumber(L, (lua_Number)limit.remaining);
  lua_pushnumber(L, (lua_Number)limit.reset);
  return 2;
}
