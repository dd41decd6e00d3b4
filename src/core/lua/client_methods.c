/* Methods of a client. */
#include "client_methods.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "misuse.h"
#include "preconnect.h"
#include "ready.h"
#include "request_send.h"
#include "websocket_open.h"
#include "../flow/background.h"
#include "../flow/driver.h"
#include "../flow/request_life.h"
#include "../flow/share.h"
#include "../flow/sockets.h"

/* client:close(), __close: ends every live request.  What a request may still
 * look at stays until the collector takes the client. */
static int client_close(lua_State *L) {
  dt_client *c = dt_class_check(L, 1, &dt_client_class);
  c->closed = 1;
  if (dt_client_is_foreign(c))
    return 0;
  if (c->driver.background)
    dt_background_join(c->driver.background);
  dt_request_free_spare(c);
  dt_driver_close(&c->driver);
  return 0;
}

static int client__gc(lua_State *L) {
  dt_client *c = dt_class_check(L, 1, &dt_client_class);
  int foreign = dt_client_is_foreign(c);
  client_close(L);
  dt_driver *d = &c->driver;
  while (d->ready.first)
    dt_driver_unwatch(d, DT_LIST_FIRST(dt_transfer, ready, &d->ready));
  if (c->driver.background)
    dt_background_free(c->driver.background);
  c->driver.background = NULL;
  for (int kind = 0; kind < DT_HEADER_LISTS; kind++) {
    for (struct curl_slist *h = c->headers[kind]; h; h = h->next)
      explicit_bzero(h->data, strlen(h->data));
    curl_slist_free_all(c->headers[kind]);
    c->headers[kind] = NULL;
  }
  if (c->token)
    explicit_bzero(c->token, strlen(c->token));
  char **strings[] = {&c->api_url, &c->token, &c->ca_file, &c->ca_source,
                      &c->warmed};
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
    free(*strings[i]);
    *strings[i] = NULL;
  }
  dt_buffer_free(&c->url);
  dt_buffer_free(&c->body);
  dt_buffer_free(&c->passed);
  if (!foreign) {
    dt_request_free_spare(c); /* that of one which could not be closed */
    dt_share_free(c->driver.share);
    dt_share_free(c->driver.apart);
  }
  c->driver.share = c->driver.apart = NULL;
  return 0;
}

/* client:own(table): what handles made by this client call their client. */
static int client_own(lua_State *L) {
  dt_client_check(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  dt_setuservalue(L, 1, 1);
  return 0;
}

/* client:live() -> number of requests under way */
static int client_live(lua_State *L) {
  dt_client *c = dt_client_check(L, 1);
  dt_driver_enter(&c->driver);
  int count = c->driver.count;
  dt_driver_leave(&c->driver);
  lua_pushinteger(L, count);
  return 1;
}

/* client:step(seconds): turns the driver once, whoever's requests are live; in
 * background mode it waits until something is announced. */
static int client_step(lua_State *L) {
  dt_client *c = dt_client_check(L, 1);
  double seconds = (double)luaL_checknumber(L, 2);
  if (c->driver.background)
    dt_background_wait(c->driver.background, NULL, seconds);
  else
    dt_driver_step(&c->driver, seconds);
  return client_live(L);
}

/* client:start_background([way]) -> fd, or for the way "notifier" an address:
 * from now on a thread turns the driver.  The descriptor is readable while
 * client:announced has something to give; it is the client's.  What to do with
 * an address stands in notifier.h.  The second call gives the same. */
static int client_start_background(lua_State *L) {
  static const char *const ways[] = {"descriptor", "notifier", NULL};
  dt_client *c = dt_client_check(L, 1);
  int by_notifier = luaL_checkoption(L, 2, ways[0], ways) == 1;
  dt_background *b = c->driver.background;
  if (b && by_notifier != (dt_background_address(b) != NULL))
    return dt_misuse(L, "client is used by a host of another kind");
  if (!b && dt_driver_adopt(&c->driver) != 0)
    return dt_misuse(L, "client was made in another process");
  int error =
      b ? 0
        : dt_background_start(&c->driver,
                              by_notifier ? DT_BY_NOTIFIER : DT_BY_DESCRIPTOR);
  if (error == ENOMEM)
    return luaL_error(L, "not enough memory");
  if (error)
    return luaL_error(L, "no background driver: %s", strerror(error));
  if (by_notifier)
    lua_pushstring(L, dt_background_address(c->driver.background));
  else
    lua_pushinteger(L, dt_background_fd(c->driver.background));
  return 1;
}

/* client:announced() -> the number of a request that is done or hungry and was
 * not given before; nil: none, and the descriptor is quiet.  Works on a closed
 * client, for those who still wait. */
static int client_announced(lua_State *L) {
  dt_client *c = dt_class_check(L, 1, &dt_client_class);
  dt_client_check_process(L, c);
  unsigned long long number =
      c->driver.background ? dt_background_next(c->driver.background) : 0;
  if (number == 0)
    return 0;
  dt_pushinteger(L, (long long)number);
  return 1;
}

static int client__tostring(lua_State *L) {
  dt_client *c = dt_class_check(L, 1, &dt_client_class);
  lua_pushfstring(L, "%s (%s)", dt_client_class.name,
                  c->closed ? "closed" : c->api_url);
  return 1;
}

/* client:redact(text) -> text with "***" for the credential, for what the Lua
 * layer makes errors of.  A finalizer may close the client meanwhile. */
static int client_redact(lua_State *L) {
  const dt_client *c = dt_class_check(L, 1, &dt_client_class);
  const char *text = luaL_checkstring(L, 2);
  lua_settop(L, 2);
  if (!c->token || !c->token[0])
    return 1;
  lua_pushstring(L, c->token);
  luaL_gsub(L, text, lua_tostring(L, 3), "***");
  return 1;
}

/* client:server_time() -> seconds since 1970 by the clock of the server, as its
 * last answer told them; nil: none did. */
static int client_server_time(lua_State *L) {
  const dt_client *c = dt_class_check(L, 1, &dt_client_class);
  time_t then = c->date[0] ? curl_getdate(c->date, NULL) : -1;
  if (then < 0)
    return 0;
  lua_pushnumber(L,
                 (lua_Number)then + (lua_Number)(dt_sockets_now() - c->dated));
  return 1;
}

static const luaL_Reg methods[] = {
    {"send", dt_request_send},
    {"connect", dt_websocket_connect},
    {"preconnect", dt_client_preconnect},
    {"warm_up", dt_client_warm_up},
    {"cool_down", dt_client_cool_down},
    {"own", client_own},
    {"step", client_step},
    {"turn", dt_ready_turn},
    {"live", client_live},
    {"start_background", client_start_background},
    {"announced", client_announced},
    {"redact", client_redact},
    {"server_time", client_server_time},
    {"close", client_close},
    {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", client__gc},
                                       {"__close", client_close},
                                       {"__tostring", client__tostring},
                                       {NULL, NULL}};

void dt_client_open(lua_State *L) {
  dt_class_open(L, &dt_client_class, methods, metamethods);
}
