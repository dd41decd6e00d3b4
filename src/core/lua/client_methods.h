#ifndef dt_client_methods_h
#define dt_client_methods_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Makes the metatable of a client. */
void dt_client_open(lua_State *L);

#pragma GCC visibility pop
#endif
