/* The classes of userdata that the core has: their metatables, and how a value
 * is known to be of one. */
#ifndef dt_class_h
#define dt_class_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* One is known by its address, so that its methods may stand elsewhere. */
typedef struct dt_class {
  const char *name;
} dt_class;

/* Makes the metatable of a class.  It is closed to Lua, because its __gc is
 * not for others to call.  'methods' is what __index holds; NULL: a metamethod
 * does it. */
void dt_class_open(lua_State *L, const dt_class *class, const luaL_Reg *methods,
                   const luaL_Reg *metamethods);

/* Pushes a new userdata of the class with 'values' user values, and returns
 * its 'size' bytes, all zero. */
void *dt_class_new(lua_State *L, const dt_class *class, size_t size,
                   int values);

/* The bytes of the userdata at 'index' if it is of the class, or NULL.  A word
 * in front of them says so: one call of the library asks ten times, and to
 * look up a metatable by its name costs three times as much. */
void *dt_class_test(lua_State *L, int index, const dt_class *class);

/* The same; raises for anything else. */
void *dt_class_check(lua_State *L, int index, const dt_class *class);

#pragma GCC visibility pop
#endif
