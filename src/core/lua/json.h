/* A private instance of lua-cjson: its settings are ours alone. */
#ifndef dt_json_h
#define dt_json_h

#include "lua_compat.h"
#include "../../wire/buffer.h"

#pragma GCC visibility push(hidden)

/* Loads lua-cjson, or without it Neovim's own copy, vim.json, and keeps its
 * decode in the registry; raises if there is neither. */
void dt_json_open(lua_State *L);

/* Pushes what the JSON text at the top of the stack means, in its place, or
 * an error message.  Returns whether it was JSON. */
int dt_json_decode(lua_State *L);

/* Appends the string at 'index' as JSON.  It must be UTF-8 (see below).  Not
 * by cjson, whose buffer leaks when Lua has no memory for the result and whose
 * process ends when C has none. */
void dt_json_addstring(lua_State *L, int index, dt_buffer *out);

/* Appends the number at 'index' exactly; returns 0 for NaN and infinities. */
int dt_json_addnumber(lua_State *L, int index, dt_buffer *out);

/* True for the value of JSON null in Lua: cjson.null, daytona.null, vim.NIL. */
int dt_json_isnull(lua_State *L, int index);

/* Writes the shortest text of 15 to 17 digits that reads back as the same
 * number, with a point in every locale. */
void dt_json_number(char *text, size_t size, double n);

#pragma GCC visibility pop
#endif
