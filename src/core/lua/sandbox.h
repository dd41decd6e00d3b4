/* Userdata daytona.sandbox: the handle. */
#ifndef dt_sandbox_h
#define dt_sandbox_h

#include "class.h"

#pragma GCC visibility push(hidden)

extern const dt_class dt_sandbox_class;

/* User values of a handle: its fields, the Lua client it belongs to, and the
 * areas (process, fs, ...) made so far. */
enum {
  DT_SANDBOX_FIELDS = 1,
  DT_SANDBOX_OWNER,
  DT_SANDBOX_AREAS,
  DT_SANDBOX_VALUES = 3
};

/* Replaces the table of fields at the top of the stack by a handle with them.
 * 'owner' is the stack index of the Lua client. */
void dt_sandbox_wrap(lua_State *L, int owner);

/* Base URL of the toolbox of the handle at 'index', NULL if it is not known
 * yet.  It lives as long as the handle is not updated. */
const char *dt_sandbox_base(lua_State *L, int index);

/* Adds core.sandbox* to the table at the top. */
void dt_sandbox_open(lua_State *L);

#pragma GCC visibility pop
#endif
