/* Userdata daytona.core.demultiplexer: takes the two streams of a command's
 * log apart. */
#ifndef dt_demultiplexer_h
#define dt_demultiplexer_h

#include "lua_compat.h"

#pragma GCC visibility push(hidden)

/* ws:demultiplex(demultiplexer, list, skip) -> n, bytes: what
 * demultiplexer:feed does with the bytes of all messages that have come,
 *without
 * the first 'skip' and without a string for each; nil: nothing has come.
 * 'bytes' are those that were taken, neighbours may be of the same stream. */
int dt_demultiplexer_take(lua_State *L);

/* Adds the function 'demultiplexer' to the table at the top. */
void dt_demultiplexer_open(lua_State *L);

#pragma GCC visibility pop
#endif
