/* For one waiter of many requests, as a scheduler of coroutines is: which of
 * those that it watches are done or hungry. */
#ifndef dt_ready_h
#define dt_ready_h

#include "lua_compat.h"
#include "../flow/client_state.h"

#pragma GCC visibility push(hidden)

/* request:watch(tag [, coroutine]) -> client, or nil if the request is done or
 * hungry already, or false if the running coroutine is not the given one or
 * cannot yield.  The client's turn will report the request by the tag, a
 * positive integer, once.  Watching it again forgets the tag before, which is
 * all that the tag 0 does.  The
 * userdata at 1 has the transfer 't' of 'c', which is its user value
 * 'client'; 'needs_lua' says what t's kind does not know. */
int dt_ready_watch(lua_State *L, dt_client *c, dt_transfer *t, int needs_lua,
                   int client);

/* client:turn(seconds, tags) -> n, live: moves the client's requests and, where
 * none that is watched becomes ready, polls once, at most 'seconds'.  Writes
 * the tags of the ready ones to tags[1] up to tags[n]; 'live' are under way.
 * After client:close, which ends all requests, it still reports. */
int dt_ready_turn(lua_State *L);

#pragma GCC visibility pop
#endif
