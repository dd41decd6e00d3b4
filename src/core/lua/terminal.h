/* Userdata daytona.core.terminal: the terminal of this process in raw mode, for
 * programs that show one of a sandbox. */
#ifndef dt_terminal_h
#define dt_terminal_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Adds the function 'terminal' to the table at the top. */
void dt_terminal_open(lua_State *L);

#pragma GCC visibility pop
#endif
