/* Answers that are bytes within JSON, or a text that need not be JSON. */
#ifndef dt_decode_bytes_h
#define dt_decode_bytes_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* Replaces the base64 at the top by its bytes, or where the request has a file
 * for them by their number.  Returns NULL, or what is wrong with it. */
const char *dt_decode_bytes(lua_State *L, dt_request *r);

/* Gives the file of a DT_SAVES row its name; returns 0 with nil and the error
 * pushed. */
int dt_decode_save(lua_State *L, dt_request *r);

/* Replaces the body at the top by the text that it is: servers send one as JSON
 * or bare.  What is other JSON stays, decoded. */
void dt_decode_text(lua_State *L);

/* Why the string at the top cannot be what the field says, or NULL. */
const char *dt_decode_text_problem(lua_State *L, const dt_field *f);

#pragma GCC visibility pop
#endif
