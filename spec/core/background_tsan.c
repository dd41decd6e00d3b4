/* A Lua with the core linked in, so that a sanitizer sees both. */
#include <stdio.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

int luaopen_daytona_core(lua_State *L);

int main(int count, char **arguments) {
  lua_State *L = luaL_newstate();
  if (!L || count != 2)
    return 2;
  luaL_openlibs(L);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_daytona_core);
  lua_setfield(L, -2, "daytona.core");
  lua_pop(L, 1);
  int failed = luaL_dofile(L, arguments[1]);
  if (failed)
    fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL));
  lua_close(L);
  return failed;
}
