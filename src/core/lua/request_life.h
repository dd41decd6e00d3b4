/* A request from its birth to its end, for the files that make one up. */
#ifndef dt_request_life_h
#define dt_request_life_h

#include "../flow/background.h"
#include "request.h"

#pragma GCC visibility push(hidden)

/* Pushes a request of the client at 'index'. */
dt_request *dt_request_new(lua_State *L, int index, const dt_operation *op);

/* Where the userdata at 'index' keeps its request, NULL once it has ended. */
dt_request **dt_request_box(lua_State *L, int index);

/* The thread that turns its driver, or NULL. */
static inline dt_background *dt_request_background(const dt_request *r) {
  return r->client->driver.background;
}

/* The HTTP status of the answer, 0: there is none.  Until libcurl takes up a
** handle that is used again it has the status of the last request. */
long dt_request_status(const dt_request *r);

/* Ends a transfer that is under way; a finished one stays as it is. */
void dt_request_break_off(dt_request *r);

/* Gives the transfer back; what was received stays. */
void dt_request_release(dt_request *r);

/* Ends the request in the box, if there is one; the client keeps its memory for
** the next. */
void dt_request_close(dt_request **box);

#pragma GCC visibility pop
#endif
