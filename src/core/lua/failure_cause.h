/* Why there is no answer. */
#ifndef dt_failure_cause_h
#define dt_failure_cause_h

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* The kind of error that libcurl's code means for the request. */
const char *dt_failure_kind_of_code(const dt_request *r);

/* Pushes the cause in words, with the proxy if one stood before the server. */
void dt_failure_push_cause(lua_State *L, const dt_request *r);

#pragma GCC visibility pop
#endif
