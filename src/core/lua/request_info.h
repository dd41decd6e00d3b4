/* What can be asked of a request besides its result. */
#ifndef dt_request_info_h
#define dt_request_info_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* request:info() -> method, path, status, request id; the last two nil as long
 * as there is no answer, all nil once the result was taken.  No credential is
 * in any of it. */
int dt_request_info(lua_State *L);

/* request:rate_limit() -> calls left, seconds until there are more: of the
 * tightest limiter that the answer names; nothing if it names none.  Also
 * after the result was taken. */
int dt_request_rate_limit(lua_State *L);

/* request:head() -> status, headers of an answer that has begun, of a
 * DT_EXCHANGE row; nothing before: names in small letters, values of one name
 * joined by ", ", those of set-cookie, which may have commas, as a list. */
int dt_request_head(lua_State *L);

/* Pushes the table of headers. */
void dt_request_push_headers(lua_State *L, const dt_request *r);

#pragma GCC visibility pop
#endif
