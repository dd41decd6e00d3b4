/* Trees of local files: listing, directories and modes. */
#ifndef dt_tree_h
#define dt_tree_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Adds the functions to the module's table at the top. */
void dt_tree_open(lua_State *L);

#pragma GCC visibility pop
#endif
