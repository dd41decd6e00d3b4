#ifndef dt_printable_h
#define dt_printable_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Pushes the string at 'index' as it may be shown on a terminal: each control
 * character (C0, DEL, and C1, as bytes of UTF-8 too) is a question mark.  With
 * 'keep_lines' newlines and tabs stay.  Text that does not have any is pushed
 * as it is. */
void dt_printable_push(lua_State *L, int index, int keep_lines);

/* core.printable(text, keep_lines) -> text */
int dt_printable(lua_State *L);

#pragma GCC visibility pop
#endif
