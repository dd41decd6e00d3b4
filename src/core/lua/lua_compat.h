/* The only file that knows Lua versions: one source for Lua 5.4 and for the
 * 5.1 API (Lua 5.1, LuaJIT, Neovim, nginx).  Private functions with names of
 * our own, because LuaJIT declares some luaL_* that plain 5.1 lacks. */
#ifndef dt_lua_compat_h
#define dt_lua_compat_h

#include <math.h>

#include <lua.h>
#include <lauxlib.h>

/* Integers of magnitude below this survive a round trip through a double. */
#define DT_EXACT_LIMIT 9007199254740992.0 /* 2^53 */

#if LUA_VERSION_NUM >= 503
#define DT_HAS_INTEGERS 1
#else
#define DT_HAS_INTEGERS 0
#endif

#if LUA_VERSION_NUM >= 502

#define dt_absindex lua_absindex
#define dt_rawlen lua_rawlen
#define dt_setfuncs luaL_setfuncs
#define dt_testudata luaL_testudata

#else

static inline int dt_absindex(lua_State *L, int index) {
  return (index > 0 || index <= LUA_REGISTRYINDEX) ? index
                                                   : lua_gettop(L) + index + 1;
}

#define dt_rawlen lua_objlen

/* luaL_setfuncs: functions of 'list' into the table below 'nup' upvalues. */
static inline void dt_setfuncs(lua_State *L, const luaL_Reg *list, int nup) {
  for (; list->name; list++) {
    for (int i = 0; i < nup; i++)
      lua_pushvalue(L, -nup);
    lua_pushcclosure(L, list->func, nup);
    lua_setfield(L, -(nup + 2), list->name);
  }
  lua_pop(L, nup);
}

static inline void *dt_testudata(lua_State *L, int index, const char *type) {
  void *p = lua_touserdata(L, index);
  if (p && lua_getmetatable(L, index)) {
    luaL_getmetatable(L, type);
    int same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    if (same)
      return p;
  }
  return NULL;
}

#endif

/* Whether the running coroutine can yield; Lua 5.1 cannot tell. */
#if LUA_VERSION_NUM >= 503
#define dt_isyieldable lua_isyieldable
#else
#define dt_isyieldable(L) ((void)(L), 1)
#endif

/* Pushes a new userdata with 'values' user values, all nil.  In the 5.1 API
 * they live in the environment table, which must be set here: by default it
 * would be the table of globals. */
static inline void *dt_newuserdata(lua_State *L, size_t size, int values) {
#if LUA_VERSION_NUM >= 504
  return lua_newuserdatauv(L, size, values);
#else
  void *p = lua_newuserdata(L, size);
  lua_createtable(L, values, 0);
#if LUA_VERSION_NUM >= 502
  lua_setuservalue(L, -2);
#else
  lua_setfenv(L, -2);
#endif
  return p;
#endif
}

/* Pushes user value 'n' of the userdata at 'index'. */
static inline void dt_getuservalue(lua_State *L, int index, int n) {
#if LUA_VERSION_NUM >= 504
  lua_getiuservalue(L, index, n);
#else
#if LUA_VERSION_NUM >= 502
  lua_getuservalue(L, index);
#else
  lua_getfenv(L, index);
#endif
  lua_rawgeti(L, -1, n);
  lua_remove(L, -2);
#endif
}

/* Pops a value into user value 'n' of the userdata at 'index'. */
static inline void dt_setuservalue(lua_State *L, int index, int n) {
#if LUA_VERSION_NUM >= 504
  lua_setiuservalue(L, index, n);
#else
  index = dt_absindex(L, index);
#if LUA_VERSION_NUM >= 502
  lua_getuservalue(L, index);
#else
  lua_getfenv(L, index);
#endif
  lua_insert(L, -2);
  lua_rawseti(L, -2, n);
  lua_pop(L, 1);
#endif
}

/* Pushes a global variable without asking a metatable of the globals, which
 * may refuse names that are not there. */
static inline void dt_rawgetglobal(lua_State *L, const char *name) {
#if LUA_VERSION_NUM >= 502
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
#else
  lua_pushvalue(L, LUA_GLOBALSINDEX);
#endif
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  lua_remove(L, -2);
}

/* Pushes registry[key] where 'key' is the address of a static. */
static inline void dt_rawgetp(lua_State *L, const void *key) {
#if LUA_VERSION_NUM >= 502
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
#else
  lua_pushlightuserdata(L, (void *)key);
  lua_rawget(L, LUA_REGISTRYINDEX);
#endif
}

/* Pops a value into registry[key]. */
static inline void dt_rawsetp(lua_State *L, const void *key) {
#if LUA_VERSION_NUM >= 502
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
#else
  lua_pushlightuserdata(L, (void *)key);
  lua_insert(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
#endif
}

/* True for a number that is an integer of this Lua and fits 'long long'
 * exactly; its value goes to '*out'.  A double of 2^53 or more is refused:
 * nobody can know which integer was meant. */
static inline int dt_tointeger(lua_State *L, int index, long long *out) {
  if (lua_type(L, index) != LUA_TNUMBER)
    return 0;
#if DT_HAS_INTEGERS
  if (lua_isinteger(L, index)) {
    *out = (long long)lua_tointeger(L, index);
    return 1;
  }
#endif
  double n = (double)lua_tonumber(L, index);
  if (floor(n) != n || n >= DT_EXACT_LIMIT || n <= -DT_EXACT_LIMIT)
    return 0;
  *out = (long long)n;
  return 1;
}

/* Pushes an integral number as this Lua's integer where it has one. */
static inline void dt_pushinteger(lua_State *L, long long n) {
#if DT_HAS_INTEGERS
  lua_pushinteger(L, (lua_Integer)n);
#else
  lua_pushnumber(L, (lua_Number)n);
#endif
}

#endif
