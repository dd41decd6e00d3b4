/* Requests with headers of their own: of client:request, and of some rows. */
#ifndef dt_request_custom_h
#define dt_request_custom_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* Fills URL, body, method and headers from the table at 'params', which was
 * checked against the row; raises for what the row cannot know. */
void dt_request_encode_custom(lua_State *L, dt_request *r, int params);

/* The client's headers with the one of the request's row in its place. */
void dt_request_row_header(lua_State *L, dt_request *r);

#pragma GCC visibility pop
#endif
