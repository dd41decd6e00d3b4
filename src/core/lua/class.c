#include "class.h"

#include <string.h>

/* What stands before the bytes of each userdata, aligned as they must be. */
typedef union header {
  const dt_class *class;
  double number;
  long long integer;
} header;

void dt_class_open(lua_State *L, const dt_class *class, const luaL_Reg *methods,
                   const luaL_Reg *metamethods) {
  luaL_newmetatable(L, class->name);
  dt_setfuncs(L, metamethods, 0);
  if (methods) {
    lua_newtable(L);
    dt_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
  }
  lua_pushstring(L, class->name);
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  dt_rawsetp(L, class); /* found there in half the time that its name takes */
}

void *dt_class_new(lua_State *L, const dt_class *class, size_t size,
                   int values) {
  header *h = dt_newuserdata(L, sizeof *h + size, values);
  memset(h, 0, sizeof *h + size);
  h->class = class;
  dt_rawgetp(L, class);
  lua_setmetatable(L, -2);
  return h + 1;
}

void *dt_class_test(lua_State *L, int index, const dt_class *class) {
  header *h = lua_touserdata(L, index);
  /* of a light userdata the length is 0 */
  if (!h || dt_rawlen(L, index) < sizeof *h || h->class != class)
    return NULL;
  return h + 1;
}

void *dt_class_check(lua_State *L, int index, const dt_class *class) {
  void *p = dt_class_test(L, index, class);
  if (!p) {
    luaL_checkudata(L, index, class->name); /* knows how to complain */
    luaL_argerror(L, index, class->name);
  }
  return p;
}
