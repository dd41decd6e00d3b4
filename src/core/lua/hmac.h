/* HMAC with SHA-256, for Lua. */
#ifndef dt_hmac_h
#define dt_hmac_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Adds hmac_sha256 to the table on the top of the stack. */
void dt_hmac_open(lua_State *L);

#pragma GCC visibility pop
#endif
