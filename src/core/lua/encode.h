/* Lua values -> the URL and the JSON body of a request. */
#ifndef dt_encode_h
#define dt_encode_h

#include <stdbool.h>

#include "encode_check.h"
#include "lua_compat.h"
#include "../../wire/buffer.h"
#include "../table/operations.h"

#pragma GCC visibility push(hidden)

/* Appends the value at 'index' as the JSON that 'field' says; raises if it is
 * not of that type or out of its bounds.  Needs a few free stack slots. */
void dt_encode_json(lua_State *L, const dt_spot *spot, const dt_field *field,
                    int index, dt_buffer *out);

/* Appends any Lua value as JSON: a table that is a sequence or was marked by
 * core.array is an array, any other table an object. */
void dt_encode_any(lua_State *L, const dt_spot *spot, int index,
                   dt_buffer *out);

/* Checks every member of the table at 'params' against the row and appends
 * path and query to 'url', the JSON body (if the row has one) to 'body', which
 * must be empty.  Raises for anything the row does not allow. */
void dt_encode_params(lua_State *L, const dt_operation *op, int params,
                      dt_buffer *url, dt_buffer *body);

/* The same for a custom request: 'path' as it is, then 'query'. */
void dt_encode_custom(lua_State *L, const dt_operation *op, int params,
                      dt_buffer *url, dt_buffer *body);

/* Whether the row sends a JSON body. */
bool dt_encode_has_body(const dt_operation *op);

/* core.check(operation, params): raises for anything the row does not allow;
 * for options that the Lua layer acts on before or without a request. */
int dt_encode_check_params(lua_State *L);

/* core.encode(operation, value) -> the value as JSON; raises for what cannot be
 * JSON, in the operation's name. */
int dt_encode_value(lua_State *L);

/* core.array(table) -> the table, marked to go out as a JSON array. */
int dt_encode_array(lua_State *L);

#pragma GCC visibility pop
#endif
