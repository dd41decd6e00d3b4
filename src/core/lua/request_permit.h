/* What is said of a request that may not carry the credential. */
#ifndef dt_request_permit_h
#define dt_request_permit_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* Pushes nil and why nothing is sent to the request's URL, which came from the
 * server or, at 'sandbox', with a handle. */
int dt_request_refuse(lua_State *L, dt_request *r, int sandbox);

#pragma GCC visibility pop
#endif
