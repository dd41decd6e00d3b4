/* Userdata daytona.client: configuration, headers, the driver. */
#ifndef dt_client_h
#define dt_client_h

#include "class.h"
#include "../flow/client_state.h"

#pragma GCC visibility push(hidden)

extern const dt_class dt_client_class;

/* The open client at 'index', of this process; raises for anything else. */
dt_client *dt_client_check(lua_State *L, int index);

/* Makes a foreign client this process's own if it was never used; raises if it
 * was. */
void dt_client_check_process(lua_State *L, dt_client *c);

/* core.is_loopback(url) */
int dt_client_is_loopback(lua_State *L);

/* core.client(config) */
int dt_client_new(lua_State *L);

#pragma GCC visibility pop
#endif
