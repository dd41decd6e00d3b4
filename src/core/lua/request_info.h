/* What can be asked of a request besides its result. */
#ifndef dt_request_info_h
#define dt_request_info_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* request:info() -> method, path, status, request id; the last two nil as long
** as there is no answer, all nil once the result was taken.  No credential is
** in any of it. */
int dt_request_info(lua_State *L);

/* request:rate_limit() -> calls left, seconds until there are more: of the
** tightest limiter that the answer names; nothing if it names none.  Also
** after the result was taken. */
int dt_request_rate_limit(lua_State *L);

#pragma GCC visibility pop
#endif
