/* Userdata daytona.request: one transfer.  It is a pointer, born NULL, to
 * memory that goes back to the client as soon as the result is taken, long
 * before the collector comes. */
#ifndef dt_request_h
#define dt_request_h

#include "class.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

extern const dt_class dt_request_class;

/* User values of a request. */
enum { DT_REQUEST_CLIENT = 1, DT_REQUEST_CONTENT, DT_REQUEST_VALUES = 2 };

/* Pushes a request of the client at 'index'. */
dt_request *dt_request_new(lua_State *L, int index, const dt_operation *op);

/* The request at 'index', which has not ended; raises for anything else. */
dt_request *dt_request_check(lua_State *L, int index);

/* Where the userdata at 'index' keeps its request, NULL once it has ended. */
dt_request **dt_request_box(lua_State *L, int index);

#pragma GCC visibility pop
#endif
