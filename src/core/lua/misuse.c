#include "misuse.h"

#include <stdarg.h>
#include <string.h>

static const char library_key;

int dt_misuse_set_library(lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  dt_rawsetp(L, &library_key);
  return 0;
}

/* Pushes "file:line: " of the first foreign Lua function, or "". */
static void push_position(lua_State *L) {
  lua_Debug ar;
  dt_rawgetp(L, &library_key);
  const char *prefix = lua_tostring(L, -1);
  for (int level = 1; prefix && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0 && strncmp(ar.source, prefix, strlen(prefix)) != 0) {
      lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
      lua_remove(L, -2);
      return;
    }
  }
  lua_pop(L, 1);
  lua_pushliteral(L, "");
}

int dt_misuse(lua_State *L, const char *format, ...) {
  va_list arguments;
  push_position(L);
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_concat(L, 2);
  return lua_error(L);
}

int dt_misuse_raise(lua_State *L) {
  luaL_checkstring(L, 1);
  push_position(L);
  lua_pushvalue(L, 1);
  lua_concat(L, 2);
  return lua_error(L);
}
