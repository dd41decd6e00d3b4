/* Lua values -> the URL and the JSON body of a request. */
#ifndef dt_encode_h
#define dt_encode_h

#include "lua_compat.h"
#include "../bytes/buffer.h"
#include "../table/operations.h"

#pragma GCC visibility push(hidden)

/* Where in the caller's table a value stands; linked outwards on the C stack
** and read only to write a message. */
typedef struct dt_spot {
  const struct dt_spot *outer;
  const char *operation; /* outermost: name of the operation */
  const char *field;     /* a field, or */
  const char *key;       /* a key of a map, or */
  size_t item;           /* an item of a list */
} dt_spot;

/* Raises "operation: field 'x': item 2: MESSAGE" for the value at 'spot'. */
int dt_encode_complain(lua_State *L, const dt_spot *spot, const char *format,
                       ...);

/* Appends the value at 'index' as the JSON that 'field' says; raises if it is
** not of that type or out of its bounds.  Needs a few free stack slots. */
void dt_encode_json(lua_State *L, const dt_spot *spot, const dt_field *field,
                    int index, dt_buffer *out);

/* Appends any Lua value as JSON: a table that is a sequence or was marked by
** core.array is an array, any other table an object. */
void dt_encode_any(lua_State *L, const dt_spot *spot, int index,
                   dt_buffer *out);

/* Raises unless the value at 'index' is a table without a metatable that gives
** it other contents. */
void dt_encode_check_table(lua_State *L, const dt_spot *spot, int index);

/* Items of the list at 'index'; raises if it has other keys or holes. */
size_t dt_encode_check_list(lua_State *L, const dt_spot *spot, int index);

/* Raises unless the value at 'index' is one scalar of the field's type. */
void dt_encode_check(lua_State *L, const dt_spot *spot, const dt_field *field,
                     int index);

/* Checks every member of the table at 'params' against the row and appends
** path and query to 'url', the JSON body (if the row has one) to 'body', which
** must be empty.  Raises for anything the row does not allow. */
void dt_encode_params(lua_State *L, const dt_operation *op, int params,
                      dt_buffer *url, dt_buffer *body);

/* The same for a custom request: 'path' as it is, then 'query'. */
void dt_encode_custom(lua_State *L, const dt_operation *op, int params,
                      dt_buffer *url, dt_buffer *body);

/* Whether the row sends a JSON body. */
int dt_encode_has_body(const dt_operation *op);

/* core.check(operation, params): raises for anything the row does not allow;
** for options that the Lua layer acts on before or without a request. */
int dt_encode_check_params(lua_State *L);

/* core.encode(operation, value) -> the value as JSON; raises for what cannot be
** JSON, in the operation's name. */
int dt_encode_value(lua_State *L);

/* core.array(table) -> the table, marked to go out as a JSON array. */
int dt_encode_array(lua_State *L);

#pragma GCC visibility pop
#endif
