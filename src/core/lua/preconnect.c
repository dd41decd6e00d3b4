#include "preconnect.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "../flow/background.h"
#include "../flow/origin.h"
#include "sandbox.h"

enum { KEPT_SECONDS = 60 };

static void drop(dt_socket *s) {
  dt_preconnection *p = (dt_preconnection *)s;
  dt_sockets_remove(s);
  dt_connector_free(p->connector);
  p->connector = NULL;
}

/* A server that says something, or ends it, has had enough of waiting. */
static void move(dt_socket *s) {
  dt_preconnection *p = (dt_preconnection *)s;
  if (p->connector->state == DT_CONNECTOR_BUSY)
    dt_connector_move(p->connector);
  if (p->connector->state == DT_CONNECTOR_FAILED ||
      (p->connector->state == DT_CONNECTOR_READY &&
       !dt_connector_is_quiet(p->connector)) ||
      dt_sockets_now() >= p->until)
    drop(s);
}

static unsigned wait_for(const dt_socket *s, struct curl_waitfd *fds,
                         double *seconds) {
  const dt_preconnection *p = (const dt_preconnection *)s;
  dt_sockets_sooner(seconds, p->until, dt_sockets_now());
  if (p->connector->state == DT_CONNECTOR_BUSY)
    return dt_connector_wait_for(p->connector, fds, seconds);
  fds[0] =
      (struct curl_waitfd){.fd = p->connector->fd, .events = CURL_WAIT_POLLIN};
  return 1;
}

static void enter(const dt_client *c) {
  if (c->driver.background)
    dt_background_enter(c->driver.background);
}

static void leave(const dt_client *c) {
  if (c->driver.background)
    dt_background_leave(c->driver.background);
}

dt_connector *dt_preconnection_take(dt_preconnection *p, const dt_client *c,
                                    const char *url) {
  dt_connector *connector = p->connector;
  if (!connector || p->client != c || !dt_origin_is(p->origin, url))
    return NULL;
  move(&p->socket); /* it may have been closed since the last step */
  if (!p->connector)
    return NULL;
  dt_sockets_remove(&p->socket);
  p->connector = NULL;
  return connector;
}

/* Begins to connect; 0 without memory. */
static int start(dt_preconnection *p) {
  dt_connector *connector = NULL;
  enter(p->client);
  p->client->driver.started++; /* it has connections of this process now */
  CURLcode code = dt_connector_new(p->client, p->origin, &connector);
  int added =
      code == CURLE_OK && !dt_sockets_add(&p->client->driver, &p->socket);
  if (added)
    p->connector = connector;
  else
    dt_connector_free(connector);
  leave(p->client);
  return added;
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
  p->socket = (dt_socket){.move = move, .wait_for = wait_for, .closed = drop};
  if (!p->origin || !start(p))
    return luaL_error(L, "not enough memory");
  return 1;
}

/* preconnection:is_open() -> whether it is there to be taken, connected or on
** its way */
static int preconnection_is_open(lua_State *L) {
  dt_preconnection *p = dt_class_check(L, 1, &dt_preconnection_class);
  dt_client_check_process(L, p->client);
  enter(p->client);
  int is_open = p->connector != NULL;
  leave(p->client);
  lua_pushboolean(L, is_open);
  return 1;
}

/* preconnection:close(), __gc, __close: accepts a half-built one.  That of
** another process is left alone. */
static int preconnection_close(lua_State *L) {
  dt_preconnection *p = dt_class_check(L, 1, &dt_preconnection_class);
  if (p->client && p->client->driver.pid == getpid()) {
    enter(p->client);
    drop(&p->socket);
    leave(p->client);
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

const dt_class dt_preconnection_class = {"daytona.core.preconnection", methods,
                                         metamethods};
