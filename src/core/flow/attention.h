/* Live transfers that need Lua: it feeds them, takes chunks from them, or
 * observes how far they are.  Only those have 'may_need_lua' set. */
#ifndef dt_attention_h
#define dt_attention_h

#include <stdbool.h>

#include "request_state.h"

#pragma GCC visibility push(hidden)

/* Bytes of the file or files of a request that have moved. */
curl_off_t dt_attention_moved(const dt_request *r);

/* Whether there is a chunk for Lua to take. */
bool dt_attention_is_full(const dt_request *r);

/* What makes a transfer a request. */
extern const dt_transfer_kind dt_attention_of_requests;

/* Whether the transfer has to be fed, has a chunk to give, or is observed and
 * bytes have moved that Lua does not know of. */
bool dt_attention_needs_lua(const dt_transfer *t);

/* Lets an upload that was fed go on; returns whether it had paused.  libcurl's
 * forms keep the callback's "pause" to themselves until they are asked for
 * bytes again, so this is needed until the callback runs. */
int dt_attention_resume(dt_transfer *t);

/* Moves what can be moved and, where no watched transfer becomes ready by it,
 * polls once, at most 'seconds'. */
void dt_attention_turn(dt_driver *d, double seconds);

#pragma GCC visibility pop
#endif
