/* A request is checked, encoded and started. */
#ifndef dt_request_send_h
#define dt_request_send_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* Borrows the client's buffers, checks the table at 'params' against the row
 * and fills URL and body; 'sandbox' is the index of a handle or nil.  Raises
 * for anything the row does not allow. */
void dt_request_encode(lua_State *L, dt_request *r, int params, int sandbox);

/* client:send(operation, params [, sandbox [, seconds]]) -> request */
int dt_request_send(lua_State *L);

#pragma GCC visibility pop
#endif
