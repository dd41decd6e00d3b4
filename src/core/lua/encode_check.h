/* Checks of single values that go into a request. */
#ifndef dt_encode_check_h
#define dt_encode_check_h

#include "lua_compat.h"
#include "../table/operations.h"

#pragma GCC visibility push(hidden)

enum { DT_ENCODE_DEPTH = 100 }; /* tables within tables that are encoded */

/* Where in the caller's table a value stands; linked outwards on the C stack
 * and read only to write a message. */
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

/* Raises unless the value at 'index' is a table without a metatable that gives
 * it other contents. */
void dt_encode_check_table(lua_State *L, const dt_spot *spot, int index);

/* Items of the list at 'index'; raises if it has other keys or holes. */
size_t dt_encode_check_list(lua_State *L, const dt_spot *spot, int index);

/* Raises unless the value at 'index' is one scalar of the field's type. */
void dt_encode_check(lua_State *L, const dt_spot *spot, const dt_field *field,
                     int index);

#pragma GCC visibility pop
#endif
