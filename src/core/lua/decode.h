/* Response -> Lua values and handles. */
#ifndef dt_decode_h
#define dt_decode_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* Pushes what a successful answer means by its row: one value, or nil and an
 * error.  Returns how many.  Index 1 must be the request. */
int dt_decode_result(lua_State *L, dt_request *r, long status, int is_json);

/* core.decode(text) -> what the JSON text means, without nulls; nil: it is no
 * JSON. */
int dt_decode_value(lua_State *L);

#pragma GCC visibility pop
#endif
