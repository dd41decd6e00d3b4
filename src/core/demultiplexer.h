/* Userdata daytona.core.demultiplexer: takes the two streams of a command's
** log apart. */
#ifndef dt_demultiplexer_h
#define dt_demultiplexer_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* Adds the function 'demultiplexer' to the table at the top. */
void dt_demultiplexer_open(lua_State *L);

#pragma GCC visibility pop
#endif
