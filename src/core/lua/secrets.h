/* What of the parameters of a call is secret, as their fields say. */
#ifndef dt_secrets_h
#define dt_secrets_h

struct lua_State;

#pragma GCC visibility push(hidden)

/* core.secrets(operation, params) -> list of each secret string and, after it,
 * how much of it is secret: "whole" (a password), "value" (of a map, where most
 * are no secrets), "url" (the password in it).  Nothing of what is no string,
 * and of an operation without a row. */
int dt_secrets_push(struct lua_State *L);

#pragma GCC visibility pop
#endif
