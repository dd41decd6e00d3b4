/* A request from its birth to its end. */
#ifndef dt_request_life_h
#define dt_request_life_h

#include "driver.h"
#include "request_state.h"

#pragma GCC visibility push(hidden)

/* Makes it what a request is before anything is done for it. */
void dt_request_init(dt_request *r, dt_client *c, const dt_operation *op);

/* Around work with what the driver uses while the transfer is live; nothing
 * between the two may raise. */
static inline void dt_request_enter(dt_request *r) {
  dt_driver_enter(&r->client->driver);
}

static inline void dt_request_leave(dt_request *r) {
  dt_driver_leave(&r->client->driver);
}

/* To be called, entered, when Lua has done what the request needed. */
static inline void dt_request_served(dt_request *r) {
  dt_driver_served(&r->client->driver, &r->transfer);
}

/* The HTTP status of the answer, 0: there is none.  Until libcurl takes up a
 * handle that is used again it has the status of the last request. */
long dt_request_status(const dt_request *r);

/* Ends a transfer that is under way; a finished one stays as it is. */
void dt_request_break_off(dt_request *r);

/* Gives the transfer back; what was received stays. */
void dt_request_release(dt_request *r);

/* Gives the memory of URL and body back to the client. */
void dt_request_give_back(dt_request *r);

/* Ends the request in the box, if there is one; the client keeps its memory for
 * the next. */
void dt_request_close(dt_request **box);

/* Frees the memory that the client keeps for its next request. */
void dt_request_free_spare(dt_client *c);

#pragma GCC visibility pop
#endif
