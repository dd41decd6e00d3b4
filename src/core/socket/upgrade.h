/* The WebSocket handshake as the client has it. */
#ifndef dt_upgrade_h
#define dt_upgrade_h

#include "answer.h"
#include "../../wire/handshake.h"
#include "../../wire/queue.h"

#pragma GCC visibility push(hidden)

/* Appends the request for 'r', whose URL is complete, to 'out'; 'subprotocols'
 * is a list with commas, "" for none.  Returns whether there was memory. */
int dt_upgrade_ask(const dt_request *r, const char *key,
                   const char *subprotocols, dt_queue *out);

/* Why an answer with status 101 is none to that key, or NULL. */
const char *dt_upgrade_problem(const dt_answer *a, const char *key);

#pragma GCC visibility pop
#endif
