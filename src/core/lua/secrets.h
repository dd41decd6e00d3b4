/* What of the parameters of a call is secret, as their fields say. */
#ifndef dt_secrets_h
#define dt_secrets_h

struct lua_State;

#pragma GCC visibility push(hidden)

/* core.secrets(operation, params) -> list of each secret string, followed by
 *its
 ** kind: "whole" (as a password), "value" (of a map, where most values are no
 ** secrets) or "url" (the password in it is secret).  What is no string is left
 ** aside, and an operation without a row has none. */
int dt_secrets_push(struct lua_State *L);

#pragma GCC visibility pop
#endif
