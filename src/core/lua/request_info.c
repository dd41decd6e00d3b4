#include "request_info.h"

#include <stdbool.h>
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

/* Adds the value at the top to the headers at 'table' and pops it; 'name' is in
 * small letters. */
static void add_header(lua_State *L, int table, const char *name) {
  lua_getfield(L, table, name);
  if (strcmp(name, "set-cookie") == 0) {
    if (lua_isnil(L, -1)) {
      lua_newtable(L);
      lua_pushvalue(L, -1);
      lua_setfield(L, table, name);
      lua_replace(L, -2);
    }
    lua_insert(L, -2);
    lua_rawseti(L, -2, (int)dt_rawlen(L, -2) + 1);
    lua_pop(L, 1);
    return;
  }
  if (lua_isnil(L, -1))
    lua_pop(L, 1);
  else {
    lua_insert(L, -2);
    lua_pushliteral(L, ", ");
    lua_insert(L, -2);
    lua_concat(L, 3);
  }
  lua_setfield(L, table, name);
}

/* Adds a line of the head; one that is no header says nothing. */
static void add_line(lua_State *L, int table, const char *line, size_t n) {
  const char *colon = memchr(line, ':', n);
  if (!colon || colon == line)
    return;
  luaL_Buffer name;
  luaL_buffinit(L, &name);
  for (const char *s = line; s < colon; s++)
    luaL_addchar(&name, (char)(*s >= 'A' && *s <= 'Z' ? *s - 'A' + 'a' : *s));
  luaL_pushresult(&name);
  const char *value = colon + 1, *end = line + n;
  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  lua_pushlstring(L, value, (size_t)(end - value));
  add_header(L, table, lua_tostring(L, -2));
  lua_pop(L, 1);
}

void dt_request_push_headers(lua_State *L, const dt_request *r) {
  lua_newtable(L);
  int table = lua_gettop(L);
  const char *line = r->head.data, *end = line + r->head.len;
  while (line && line < end) {
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    const char *next = newline ? newline + 1 : end;
    size_t n = (size_t)((newline ? newline : end) - line);
    add_line(L, table, line, n > 0 && line[n - 1] == '\r' ? n - 1 : n);
    line = next;
  }
}

int dt_request_head(lua_State *L) {
  dt_request *r = check(L);
  dt_client_check_process(L, r->client);
  dt_request_enter(r);
  bool has_begun = r->transfer.done || dt_attention_is_full(r);
  long status = has_begun ? dt_request_status(r) : 0;
  dt_request_leave(r);
  if (status < 200)
    return 0;
  lua_pushinteger(L, (lua_Integer)status);
  dt_request_push_headers(L, r);
  return 2;
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
