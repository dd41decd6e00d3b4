#include "websocket_wait.h"

#include <stdbool.h>

#include "client.h"
#include "ready.h"
#include "websocket.h"
#include "../flow/attention.h"
#include "../flow/background.h"
#include "../flow/driver.h"
#include "../flow/request_life.h"

/* One side of a WebSocket. */
typedef struct side {
  dt_websocket *w;
  dt_transfer *transfer;
} side;

static side check_side(lua_State *L) {
  dt_websocket **writer = dt_class_test(L, 1, &dt_writer_class);
  dt_websocket *w =
      writer ? *writer : dt_class_check(L, 1, &dt_websocket_class);
  if (w->request.client)
    dt_client_check_process(L, w->request.client);
  return (side){w, writer ? &w->writer : &w->request.transfer};
}

/* Whether there is something to receive that no driver tells of: in the hands
 * of Lua, or of a connection that is over. */
static bool is_held(const side *s) {
  return s->transfer != &s->w->writer &&
         (s->w->taken.bytes.length > 0 ||
          (dt_driver_is_done(s->transfer) && s->w->inbox.bytes.length > 0));
}

/* Whether it is over and everything was received: whoever finds nothing to
 * receive and then asks must not miss what came in between. */
static bool is_done(const side *s) {
  return dt_driver_is_done(s->transfer) && !is_held(s);
}

static bool needs_lua(const side *s) {
  return is_held(s) || (!dt_driver_is_done(s->transfer) &&
                        dt_attention_needs_lua(s->transfer));
}

/* ws:done() -> whether the connection is over and nothing is left to receive */
static int side_done(lua_State *L) {
  side s = check_side(L);
  lua_pushboolean(L, is_done(&s));
  return 1;
}

/* ws:hungry() -> whether there is something to receive, or it has just opened
 * (until ws:is_open is called); of a writer: whether there is room again after
 * a send that was refused, else whether all has been sent */
static int side_hungry(lua_State *L) {
  side s = check_side(L);
  lua_pushboolean(L, needs_lua(&s));
  return 1;
}

/* ws:number(), as request:number */
static int side_number(lua_State *L) {
  dt_pushinteger(L, (long long)check_side(L).transfer->number);
  return 1;
}

/* ws:client() -> the core's client */
static int side_client(lua_State *L) {
  check_side(L);
  dt_getuservalue(L, 1, DT_WEBSOCKET_CLIENT);
  return 1;
}

/* ws:watch(tag [, coroutine]), as request:watch */
static int side_watch(lua_State *L) {
  side s = check_side(L);
  return dt_ready_watch(L, s.w->request.client, s.transfer, is_held(&s),
                        DT_WEBSOCKET_CLIENT);
}

/* ws:step(seconds) -> done, as request:step; comes back at once when hungry */
static int side_step(lua_State *L) {
  side s = check_side(L);
  double seconds = (double)luaL_checknumber(L, 2);
  dt_driver *d = &s.w->request.client->driver;
  if (d->background) {
    if (!needs_lua(&s))
      dt_background_wait(d->background, s.transfer, seconds);
  }
  else if (!s.transfer->done) {
    int idle;
    dt_driver_perform(d, &idle);
    if (!idle && !needs_lua(&s))
      dt_driver_poll(d, seconds);
  }
  lua_pushboolean(L, is_done(&s));
  return 1;
}

/* ws:alarm([seconds]): makes that side hungry then, until this is called again;
 * without seconds: never. */
static int side_alarm(lua_State *L) {
  side s = check_side(L);
  double seconds = (double)luaL_optnumber(L, 2, 0);
  dt_websocket_alarm *alarm = &s.w->alarms[s.transfer == &s.w->writer];
  dt_request *r = &s.w->request;
  if (dt_driver_is_done(s.transfer))
    return 0;
  dt_request_enter(r);
  alarm->at = seconds > 0 ? dt_sockets_now() + seconds : 0;
  __atomic_store_n(&alarm->rung, 0, __ATOMIC_RELEASE);
  dt_driver_served(&r->client->driver, s.transfer);
  dt_request_leave(r);
  return 0;
}

/* ws:cancel(): breaks the connection off and forgets what was not received;
 * ws:result then says "cancelled".  One that is over keeps its result.  Also
 * what closing a writer does. */
static int side_cancel(lua_State *L) {
  side s = check_side(L);
  dt_request *r = &s.w->request;
  if (!dt_driver_is_done(&r->transfer)) {
    dt_request_enter(r);
    r->cancelled = r->transfer.driver != NULL;
    dt_websocket_end(s.w, CURLE_ABORTED_BY_CALLBACK);
    dt_request_leave(r);
  }
  dt_queue_free(&s.w->inbox.bytes);
  if (!r->busy)
    dt_queue_free(&s.w->taken.bytes);
  return 0;
}

const luaL_Reg dt_websocket_waiting[] = {
    {"done", side_done},     {"hungry", side_hungry},
    {"number", side_number}, {"client", side_client},
    {"watch", side_watch},   {"step", side_step},
    {"cancel", side_cancel}, {"alarm", side_alarm},
    {"close", side_cancel},  {NULL, NULL}};
