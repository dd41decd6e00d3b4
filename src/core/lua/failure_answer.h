/* What an answer says of a failure. */
#ifndef dt_failure_answer_h
#define dt_failure_answer_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

enum { DT_ERROR_BODY = 4096 }; /* bytes of an answer that errors keep */

/* The phrase of an HTTP status, or NULL. */
const char *dt_failure_phrase(long status);

/* The content type of the answer, "" if it has none. */
const char *dt_failure_type(const dt_request *r);

/* Fills message, code, source and body of the error at the top from an answer
 * of that status. */
void dt_failure_read_answer(lua_State *L, dt_request *r, long status);

/* Pushes what to say of an answer which is no JSON although that was expected:
 * what it is, where it came from, and how the text at 'index' begins.  'reason'
 * is what a JSON parser said of it, or NULL. */
void dt_failure_push_not_json(lua_State *L, const dt_request *r, long status,
                              const char *reason, int index);

#pragma GCC visibility pop
#endif
