/* The little of the local file system that Lua does not have. */
#ifndef dt_files_h
#define dt_files_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Adds the functions to the module's table at the top. */
void dt_files_open(lua_State *L);

#pragma GCC visibility pop
#endif
