#ifndef dt_core_base64_h
#define dt_core_base64_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Adds base64_encode, base64_encode_url and base64_decode to the table on top.
 */
void dt_base64_open(lua_State *L);

#pragma GCC visibility pop
#endif
