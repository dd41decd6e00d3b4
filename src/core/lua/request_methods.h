#ifndef dt_request_methods_h
#define dt_request_methods_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Makes the metatable of a request. */
void dt_request_open(lua_State *L);

#pragma GCC visibility pop
#endif
