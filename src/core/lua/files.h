/* The little of the local file system that Lua does not have. */
#ifndef dt_files_h
#define dt_files_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Pushes nil and what the errno means; returns 2. */
int dt_files_fail(lua_State *L, int error);

/* The path at 'index'; raises if it holds a NUL. */
const char *dt_files_check_path(lua_State *L, int index);

/* Adds the functions to the module's table at the top. */
void dt_files_open(lua_State *L);

#pragma GCC visibility pop
#endif
