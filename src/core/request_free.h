/* Requests of client:request. */
#ifndef dt_request_free_h
#define dt_request_free_h

#include "request.h"

#pragma GCC visibility push(hidden)

/* Fills URL, body, method and headers from the table at 'params', which was
** checked against the row; raises for what the row cannot know. */
void dt_request_encode_free(lua_State *L, dt_request *r, int params);

#pragma GCC visibility pop
#endif
