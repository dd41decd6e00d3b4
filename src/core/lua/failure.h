/* The one error object: a table with the metatable "daytona.error". */
#ifndef dt_failure_h
#define dt_failure_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* Pushes nil and the error of a finished request that did not succeed;
 * 'status' is the HTTP status or 0. */
void dt_failure_push(lua_State *L, dt_request *r, long status);

/* Pushes what is for the Lua layer and not for the error's reader, after
 * dt_failure_push; gives how many values.  "refused": the server says that it
 * did not process the request; "broken handshake": nothing was sent; of an
 * upload, the answer as a table, for it may say which files were written. */
int dt_failure_push_hint(lua_State *L, dt_request *r);

/* Pushes nil and an error of kind "file": 'path' cannot be read or written
 * because of 'error' (an errno). */
void dt_failure_file(lua_State *L, dt_request *r, const char *path,
                     const char *verb, int error);

/* Pushes nil and an error of kind "protocol" with the message at the top of
 * the stack, which is popped.  'status' 0: nothing was sent. */
void dt_failure_protocol(lua_State *L, dt_request *r, long status);

/* Pushes nil and an error of kind "protocol": the string at the top of the
 * stack, which is popped, is an answer that should have been JSON.  'reason' is
 * what the parser said, or NULL. */
void dt_failure_not_json(lua_State *L, dt_request *r, long status,
                         const char *reason);

/* core.error_metatable() */
int dt_failure_metatable(lua_State *L);

#pragma GCC visibility pop
#endif
