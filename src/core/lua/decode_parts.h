/* A multipart answer -> a list of results, one for each file. */
#ifndef dt_decode_parts_h
#define dt_decode_parts_h

#include <stdbool.h>

#include "lua_compat.h"
#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

/* Whether the answer, complete or broken off, has something for single files:
 * what failed is then told file by file. */
bool dt_decode_parts_are_usable(const dt_request *r, long status);

/* Moves complete files to their paths and pushes the list of results in the
 * order of the request: { source, path | content, bytes } or { source, error }.
 * Pushes nil and an error for an answer that is no multipart form.  Returns
 * how many values. */
int dt_decode_parts(lua_State *L, dt_request *r, long status);

#pragma GCC visibility pop
#endif
