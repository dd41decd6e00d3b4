/* Errors of the caller: they raise, with the caller's file and line. */
#ifndef dt_misuse_h
#define dt_misuse_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Raises the formatted message (lua_pushfstring's formats) with the position
 * of the first Lua function on the stack outside this library. */
int dt_misuse(lua_State *L, const char *format, ...);

/* core.misuse(message): the same for the Lua layer. */
int dt_misuse_raise(lua_State *L);

/* core.set_library(prefix): chunk names that begin so are this library's. */
int dt_misuse_set_library(lua_State *L);

#pragma GCC visibility pop
#endif
