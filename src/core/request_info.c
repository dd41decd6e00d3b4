#include "request_info.h"

#include <string.h>

int dt_request_info(lua_State *L) {
  dt_request *r = dt_request_check(L, 1);
  int done = dt_driver_is_done(&r->transfer);
  long status = 0;
  if (!r->url.data)
    return 0;
  /* A handle that is used again still has the status of its last request. */
  if (r->transfer.easy && done)
    curl_easy_getinfo(r->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
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
  if (done && r->request_id[0])
    lua_pushstring(L, r->request_id);
  else
    lua_pushnil(L);
  return 4;
}

int dt_request_rate_limit(lua_State *L) {
  const dt_request *r = dt_request_check(L, 1);
  const dt_rate_limit *limit = dt_rate_limit_tightest(&r->limits);
  if (!limit)
    return 0;
  lua_pushnumber(L, (lua_Number)limit->remaining);
  lua_pushnumber(L, (lua_Number)limit->reset);
  return 2;
}
