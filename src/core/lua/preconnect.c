#include "preconnect.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "client.h"
#include "sandbox.h"
#include "../flow/driver.h"
#include "../flow/origin.h"
#include "../flow/warmup.h"

enum { KEPT_SECONDS = 60 };

/* Returns 0 without memory. */
static int start(dt_preconnection *p) {
  dt_driver_enter(&p->client->driver);
  int started = dt_preconnection_start(p);
  dt_driver_leave(&p->client->driver);
  return started;
}

int dt_client_preconnect(lua_State *L) {
  dt_client *c = dt_client_check(L, 1);
  double seconds = (double)luaL_optnumber(L, 3, KEPT_SECONDS);
  luaL_argcheck(L, seconds > 0, 3, "must be positive");
  if (!dt_sandbox_base(L, 2))
    return 0;
  dt_preconnection *p = dt_class_new(L, &dt_preconnection_class, sizeof *p, 1);
  p->client = c;
  lua_pushvalue(L, 1);
  dt_setuservalue(L, -2, 1);
  const char *base = dt_sandbox_base(L, 2);
  if (!base || !dt_client_may_send(c, base))
    return 0;
  if (c->closed) /* by a finalizer, meanwhile */
    return luaL_error(L, "client is closed");
  p->origin = dt_origin_copy(base);
  p->until = dt_sockets_now() + seconds;
  if (!p->origin || !start(p))
    return luaL_error(L, "not enough memory");
  return 1;
}

int dt_client_warm_up(lua_State *L) {
  dt_client *c = dt_client_check(L, 1);
  const char *base = dt_sandbox_base(L, 2);
  dt_driver_enter(&c->driver);
  int started = base && dt_warmup_start(c, base);
  dt_driver_leave(&c->driver);
  lua_pushboolean(L, started);
  return 1;
}

int dt_client_cool_down(lua_State *L) {
  dt_client *c = dt_client_check(L, 1);
  dt_driver_enter(&c->driver);
  if (c->driver.http_version != CURL_HTTP_VERSION_2)
    dt_driver_cool(&c->driver);
  dt_driver_leave(&c->driver);
  return 0;
}

/* preconnection:is_open() -> whether it is there to be taken, connected or on
 * its way */
static int preconnection_is_open(lua_State *L) {
  dt_preconnection *p = dt_class_check(L, 1, &dt_preconnection_class);
  dt_client_check_process(L, p->client);
  dt_driver_enter(&p->client->driver);
  bool is_open = p->connector != NULL;
  dt_driver_leave(&p->client->driver);
  lua_pushboolean(L, is_open);
  return 1;
}

/* preconnection:close(), __gc, __close: accepts a half-built one.  That of
 * another process is left alone. */
static int preconnection_close(lua_State *L) {
  dt_preconnection *p = dt_class_check(L, 1, &dt_preconnection_class);
  if (p->client && p->client->driver.pid == getpid()) {
    dt_driver_enter(&p->client->driver);
    dt_preconnection_drop(p);
    dt_driver_leave(&p->client->driver);
  }
  free(p->origin);
  p->origin = NULL;
  return 0;
}

static const luaL_Reg methods[] = {{"is_open", preconnection_is_open},
                                   {"close", preconnection_close},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", preconnection_close},
                                       {"__close", preconnection_close},
                                       {NULL, NULL}};

const dt_class dt_preconnection_class = {"daytona.core.preconnection"};

void dt_preconnect_open(lua_State *L) {
  dt_class_open(L, &dt_preconnection_class, methods, metamethods);
}
