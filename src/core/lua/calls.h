/* What every call of the Lua layer passes: here a check costs a third of what
 * it costs the virtual machine. */
#ifndef dt_calls_h
#define dt_calls_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Adds to the table at the top:
 *
 * core.is_called(self, instance, most, ...) -> whether a method was called as
 * it must be: on a sandbox (instance false), on what has the metatable
 * 'instance', on a table with the field that it names, or on what it accepts as
 * a function; and with at most 'most' arguments, nil behind them left aside.
 *
 * core.params(operation, options, arguments) -> arguments, a fresh table of the
 * positional ones, with the caller's options (a table or nil) added.  Raises if
 * an option says again what an argument said.
 *
 * core.deadline(seconds [, grace]) -> the moment, as core.now() counts, at
 * which something ends that may take 'seconds', and 'grace' on top of them; nil
 * where they are 0, nil or no number.
 *
 * core.dresser(metatable) -> function(...) that gives a plain table, and the
 * tables that it lists, the metatable, and returns what it was given but for a
 * nil behind a value or an error. */
void dt_calls_open(lua_State *L);

#pragma GCC visibility pop
#endif
