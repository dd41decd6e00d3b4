/* The table of operations as Lua asks for it. */
#ifndef dt_lua_operations_h
#define dt_lua_operations_h

#include "lua_compat.h"
#include "../table/operations.h"

#pragma GCC visibility push(hidden)

/* Sets what the method of the row does as fields of the table at the top. */
void dt_operations_set_method(lua_State *L, const dt_operation *op);

/* core.sandbox_field(name, [most]) -> that field of a sandbox, or the one that
 * is at most so many edits away, or nil. */
int dt_operations_sandbox_field(lua_State *L);

/* core.nearest(name, keys, most) -> the key of a table that is at most so many
 * edits away from 'name', or nil. */
int dt_operations_nearest_key(lua_State *L);

/* core.operations([local]): pushes the table as Lua data for the generators;
 * with 'local' also those that are of no API: rows that only check options of
 * the Lua layer, and what is found by a URL.  The options that all take are a
 * second value. */
int dt_operations_push(lua_State *L);

#pragma GCC visibility pop
#endif
