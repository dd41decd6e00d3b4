#include "calls.h"

#include <stdbool.h>

#include "misuse.h"
#include "sandbox.h"
#include "../flow/sockets.h"

/* Whether the value at 1 is of the object that 'instance' (at 2) tells of. */
static int is_instance(lua_State *L) {
  int type = lua_type(L, 2), top = lua_gettop(L);
  if (type == LUA_TBOOLEAN)
    return dt_class_test(L, 1, &dt_sandbox_class) != NULL;
  if (type == LUA_TTABLE) {
    int is = lua_getmetatable(L, 1) && lua_rawequal(L, 2, -1);
    lua_settop(L, top);
    return is;
  }
  if (type == LUA_TSTRING && !lua_istable(L, 1))
    return 0;
  lua_pushvalue(L, type == LUA_TSTRING ? 2 : 1);
  if (type == LUA_TSTRING)
    lua_gettable(L, 1);
  else {
    lua_pushvalue(L, 2);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
  }
  int is = type == LUA_TSTRING ? !lua_isnil(L, -1) : lua_toboolean(L, -1);
  lua_pop(L, 1);
  return is;
}

static int is_called(lua_State *L) {
  enum { SELF = 1, INSTANCE, MOST };
  luaL_checkany(L, INSTANCE);
  int last = MOST + (int)luaL_checkinteger(L, MOST), top = lua_gettop(L);
  while (top > last && lua_isnil(L, top))
    top--;
  lua_pushboolean(L, top <= last && is_instance(L));
  return 1;
}

/* Whether the metatable of the table at 'index' gives it other contents than it
 * has. */
static bool is_proxy(lua_State *L, int index) {
  int top = lua_gettop(L);
  int is = luaL_getmetafield(L, index, "__index") ||
           luaL_getmetafield(L, index, "__pairs");
  lua_settop(L, top);
  return is;
}

static int params(lua_State *L) {
  enum { OPERATION = 1, OPTIONS, ARGUMENTS, KEY, VALUE };
  lua_settop(L, ARGUMENTS);
  luaL_checktype(L, ARGUMENTS, LUA_TTABLE);
  if (lua_isnil(L, OPTIONS))
    return 1;
  const char *operation = luaL_checkstring(L, OPERATION);
  if (!lua_istable(L, OPTIONS))
    return dt_misuse(L, "%s: options: table expected, got %s", operation,
                     luaL_typename(L, OPTIONS));
  if (is_proxy(L, OPTIONS))
    return dt_misuse(
        L, "%s: options: plain table expected, got one with a metatable",
        operation);
  for (lua_pushnil(L); lua_next(L, OPTIONS);) {
    lua_pushvalue(L, KEY);
    lua_rawget(L, ARGUMENTS);
    if (!lua_isnil(L, -1))
      return dt_misuse(L, "%s: unknown option '%s' (it is an argument)",
                       operation, lua_tostring(L, KEY));
    lua_pop(L, 1);
    lua_pushvalue(L, KEY);
    lua_insert(L, VALUE);
    lua_rawset(L, ARGUMENTS);
  }
  return 1;
}

static int deadline(lua_State *L) {
  double seconds =
      lua_type(L, 1) == LUA_TNUMBER ? (double)lua_tonumber(L, 1) : 0;
  if (!(seconds > 0))
    return 0;
  lua_pushnumber(L, (lua_Number)(dt_sockets_now() + seconds +
                                 (double)luaL_optnumber(L, 2, 0)));
  return 1;
}

/* Gives the value at 'index' the look of results if it is a plain table;
 * returns whether it is one. */
static int dress(lua_State *L, int index) {
  if (!lua_istable(L, index))
    return 0;
  if (lua_getmetatable(L, index)) {
    lua_pop(L, 1);
    return 0;
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, index);
  return 1;
}

static int dressed(lua_State *L) {
  int count = lua_gettop(L);
  if (count > 0 && dress(L, 1)) {
    luaL_checkstack(L, 2, NULL);
    size_t items = dt_rawlen(L, 1);
    for (size_t i = 1; i <= items; i++) {
      lua_rawgeti(L, 1, (int)i);
      dress(L, count + 1);
      lua_pop(L, 1);
    }
  }
  if (count == 2 && !lua_isnil(L, 1) && lua_isnil(L, 2))
    lua_settop(L, 1);
  else if (count == 3 && lua_isnil(L, 1) && lua_isnil(L, 3))
    lua_settop(L, 2);
  return lua_gettop(L);
}

static int dresser(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_pushcclosure(L, dressed, 1);
  return 1;
}

static const luaL_Reg functions[] = {{"is_called", is_called},
                                     {"params", params},
                                     {"deadline", deadline},
                                     {"dresser", dresser},
                                     {NULL, NULL}};

void dt_calls_open(lua_State *L) {
  dt_setfuncs(L, functions, 0);
}
