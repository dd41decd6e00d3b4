/* Methods of a WebSocket that move messages and end it. */
#include "websocket_methods.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "demultiplexer.h"
#include "failure.h"
#include "request_info.h"
#include "websocket.h"
#include "websocket_wait.h"
#include "../flow/driver.h"
#include "../flow/request_life.h"
#include "../../wire/utf8.h"

static bool is_over(const dt_websocket *w) {
  return dt_driver_is_done(&w->request.transfer);
}

static int push_part(lua_State *L) {
  dt_websocket *w = lua_touserdata(L, 1);
  dt_inbox_part part;
  const char *data = dt_inbox_first(&w->taken, &part);
  lua_pushlstring(L, data, part.length);
  lua_pushstring(L, part.kind == DT_FRAMES_TEXT ? "text" : "binary");
  lua_pushboolean(L, part.final);
  dt_inbox_drop(&w->taken);
  return 3;
}

/* ws:receive() -> data, "text" or "binary", whether the message ends with it;
 * nil: nothing has come.  A text comes whole, a binary message in parts. */
static int ws_receive(lua_State *L) {
  dt_websocket *w = dt_websocket_check(L, 1);
  lua_settop(L, 1);
  if (w->request.busy || !dt_websocket_take(w))
    return 0;
  return dt_websocket_run_busy(L, w, push_part);
}

/* ws:send(data [, kind]) -> true, or false: there is no room, wait for
 * ws:writer(), or nil: it is not open any more.  'kind' is "text" or, by
 * default, "binary".  Before it has opened messages are kept.  One that is
 * larger than the room goes in when that is not full. */
static int ws_send(lua_State *L) {
  static const char *const kinds[] = {"text", "binary", NULL};
  dt_websocket *w = dt_websocket_check(L, 1);
  size_t n;
  const char *data = luaL_checklstring(L, 2, &n);
  dt_frames_kind kind = luaL_checkoption(L, 3, "binary", kinds) == 0
                            ? DT_FRAMES_TEXT
                            : DT_FRAMES_BINARY;
  luaL_argcheck(L, kind == DT_FRAMES_BINARY || dt_utf8_prefix(data, n) == n, 2,
                "not UTF-8");
  int open = 0, fits = 0, added = 0;
  if (is_over(w))
    return 0;
  dt_request_enter(&w->request);
  if (!w->request.transfer.done) {
    open = dt_frames_state_of(w->frames) == DT_FRAMES_OPEN;
    fits = dt_websocket_pending(w) < DT_WEBSOCKET_OUTBOX;
    added = open && fits && dt_frames_send(w->frames, kind, data, n);
    w->refused = open && !fits;
    if (added && w->phase == DT_WEBSOCKET_OPEN)
      dt_websocket_flush(w);
    dt_websocket_note_room(w);
    dt_driver_served(&w->request.client->driver, &w->writer);
  }
  dt_request_leave(&w->request);
  if (!open)
    return 0;
  if (fits && !added)
    return luaL_error(L, "not enough memory");
  lua_pushboolean(L, added);
  return 1;
}

/* ws:writer() -> what those wait for who send: it has a WebSocket's methods for
 * waiting, and is hungry when there is room again after a send that was
 * refused, else when all has been sent */
static int ws_writer(lua_State *L) {
  dt_websocket *w = dt_websocket_check(L, 1);
  lua_settop(L, 1);
  dt_getuservalue(L, 1, DT_WEBSOCKET_WRITER);
  if (!lua_isnil(L, -1))
    return 1;
  dt_websocket **writer =
      dt_class_new(L, &dt_writer_class, sizeof *writer, DT_WEBSOCKET_VALUES);
  *writer = w;
  dt_getuservalue(L, 1, DT_WEBSOCKET_CLIENT);
  dt_setuservalue(L, -2, DT_WEBSOCKET_CLIENT);
  lua_pushvalue(L, 1);
  dt_setuservalue(L, -2, DT_WEBSOCKET_WRITER);
  lua_pushvalue(L, -1);
  dt_setuservalue(L, 1, DT_WEBSOCKET_WRITER);
  dt_request_enter(&w->request);
  if (w->request.transfer.driver && !w->writer.driver) {
    dt_driver_enlist(w->request.transfer.driver, &w->writer);
    dt_websocket_note_room(w);
  }
  dt_request_leave(&w->request);
  return 1;
}

/* ws:is_open() -> whether messages can be sent and are sent at once: it has
 * opened and nobody has begun to close it.  Lua then knows that it opened. */
static int ws_is_open(lua_State *L) {
  dt_websocket *w = dt_websocket_check(L, 1);
  int open = 0;
  if (!is_over(w)) {
    dt_request_enter(&w->request);
    open = w->phase == DT_WEBSOCKET_OPEN &&
           dt_frames_state_of(w->frames) == DT_FRAMES_OPEN;
    if (w->phase == DT_WEBSOCKET_OPEN && w->inbox.bytes.length == 0) {
      __atomic_store_n(&w->news, 0, __ATOMIC_RELEASE);
      dt_request_served(&w->request);
    }
    dt_request_leave(&w->request);
  }
  lua_pushboolean(L, open);
  return 1;
}

/* ws:subprotocol() -> what the server chose, "" if nothing or if it has not
 * opened yet.  Whether it was offered is for the caller to ask. */
static int ws_subprotocol(lua_State *L) {
  char chosen[sizeof((dt_websocket *)0)->subprotocol];
  dt_websocket *w = dt_websocket_check(L, 1);
  dt_request_enter(&w->request);
  memcpy(chosen, w->subprotocol, sizeof chosen);
  dt_request_leave(&w->request);
  lua_pushstring(L, chosen);
  return 1;
}

/* ws:shutdown([code [, reason [, seconds]]]): says that nothing will be sent
 * any more (1000 by default), behind what was sent; what the server still says
 * can be received.  Over when it answers, or after so long (5).  Before it has
 * opened it is cancelled. */
static int ws_shutdown(lua_State *L) {
  dt_websocket *w = dt_websocket_check(L, 1);
  lua_Integer code = luaL_optinteger(L, 2, DT_CLOSE_NORMAL);
  size_t n;
  const char *reason = luaL_optlstring(L, 3, "", &n);
  double seconds = (double)luaL_optnumber(L, 4, 5);
  luaL_argcheck(L, code == DT_CLOSE_NORMAL || (code >= 3000 && code <= 4999), 2,
                "1000 or 3000 to 4999 expected");
  luaL_argcheck(L, n <= DT_FRAMES_REASON, 3, "too long");
  luaL_argcheck(L, seconds >= 0, 4, "must not be negative");
  if (is_over(w))
    return 0;
  dt_request_enter(&w->request);
  if (!w->request.transfer.done && w->phase == DT_WEBSOCKET_OPEN) {
    if (dt_frames_close(w->frames, (unsigned)code, reason, n)) {
      w->closing = 1;
      w->deadline = dt_sockets_now() + seconds;
      dt_websocket_flush(w);
    }
  }
  else if (!w->request.transfer.done) {
    w->request.cancelled = 1;
    dt_websocket_end(w, CURLE_ABORTED_BY_CALLBACK);
  }
  dt_request_leave(&w->request);
  return 0;
}

/* ws:ping_every(seconds): sends a ping that often, and gives up, with kind
 * "timeout", when the server shows no sign of life until the next; 0: no
 * more */
static int ws_ping_every(lua_State *L) {
  dt_websocket *w = dt_websocket_check(L, 1);
  double seconds = (double)luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds >= 0 && seconds <= 86400, 2,
                "seconds up to a day expected");
  dt_request_enter(&w->request);
  w->ping_every = seconds;
  w->ping_at = dt_sockets_now() + seconds;
  w->ping_unanswered = 0;
  dt_request_leave(&w->request);
  return 0;
}

/* The kind of error that a close code is where nobody knows better; NULL: a
 * normal end. */
static const char *kind_of_code(unsigned code) {
  switch (code) {
    case DT_CLOSE_NORMAL:
    case DT_CLOSE_NO_CODE:
      return NULL;
    case DT_CLOSE_POLICY:
    case DT_CLOSE_TOO_LARGE:
      return "bad_request";
    case DT_CLOSE_GOING_AWAY:
    case 1012: /* restarts */
    case 1013: /* try again later */
      return "unavailable";
    case DT_CLOSE_SERVER:
      return "server";
    case 1014:
      return "bad_gateway";
    case 4008:
      return "timeout";
    default:
      return code < 3000 ? "protocol" : "server";
  }
}

/* Pushes how it was closed. */
static int push_end(lua_State *L, const dt_websocket *w) {
  size_t n;
  unsigned code = dt_frames_code(w->frames);
  const char *reason = dt_frames_reason(w->frames, &n);
  const char *kind = code == DT_CLOSE_LOST ? NULL : kind_of_code(code);
  lua_createtable(L, 0, 5);
  lua_pushinteger(L, (lua_Integer)code);
  lua_setfield(L, -2, "code");
  lua_pushlstring(L, reason, n);
  lua_setfield(L, -2, "reason");
  lua_pushstring(L, w->subprotocol);
  lua_setfield(L, -2, "subprotocol");
  lua_pushboolean(L, code != DT_CLOSE_LOST);
  lua_setfield(L, -2, "clean");
  if (kind) {
    lua_pushstring(L, kind);
    lua_setfield(L, -2, "kind");
  }
  return 1;
}

static int push_result(lua_State *L) {
  dt_websocket *w = lua_touserdata(L, 1);
  dt_request *r = &w->request;
  long status = r->answer ? r->answer->status : 0;
  if (r->transfer.code != CURLE_OK || (status != 101 && status >= 300)) {
    dt_failure_push(L, r, r->transfer.code == CURLE_OK ? status : 0);
    return 2 + dt_failure_push_hint(L, r);
  }
  if (w->problem)
    lua_pushstring(L, w->problem);
  else if (r->answer)
    lua_pushfstring(L,
                    "the server answered with status %d instead of switching "
                    "to WebSocket",
                    (int)status);
  else
    return push_end(L, w);
  dt_failure_protocol(L, r, status);
  return 2;
}

/* ws:result() -> { code, reason, subprotocol, clean, kind }, or nil, an error
 * object and perhaps a hint (dt_failure_push_hint).  Only of one that is over;
 *may be asked again. */
static int ws_result(lua_State *L) {
  dt_websocket *w = dt_websocket_check(L, 1);
  luaL_argcheck(L, is_over(w), 1, "websocket is not over");
  luaL_argcheck(L, w->request.url.data && !w->request.busy, 1,
                "websocket is closed");
  lua_settop(L, 1);
  return dt_websocket_run_busy(L, w, push_result);
}

/* Accepts a half-built one.  That of another process is left alone. */
static void close_websocket(dt_websocket *w) {
  dt_request *r = &w->request;
  if (!r->client)
    return;
  dt_driver *d = &r->client->driver;
  if (dt_client_is_foreign(r->client))
    return;
  dt_request_enter(r);
  r->cancelled |= r->transfer.driver != NULL;
  dt_websocket_end(w, CURLE_ABORTED_BY_CALLBACK);
  dt_request_leave(r);
  dt_transfer *sides[] = {&r->transfer, &w->writer};
  for (int i = 0; i < 2; i++) {
    dt_driver_withdraw(d, sides[i]);
    dt_driver_unwatch(d, sides[i]);
    sides[i]->done = 1;
  }
  dt_websocket_free(w);
  dt_buffer_free(&r->error_body);
  dt_buffer_free(&r->head);
  curl_slist_free_all(r->headers);
  r->headers = NULL;
  dt_request_give_back(r);
  free(r->method);
  r->method = NULL;
}

/* __gc */
static int ws__gc(lua_State *L) {
  close_websocket(dt_class_check(L, 1, &dt_websocket_class));
  return 0;
}

/* ws:close(), __close: gives up everything; a connection is cut off.  While it
 * is busy, which only a finalizer can see, that is left to the collector. */
static int ws_close(lua_State *L) {
  dt_websocket *w = dt_class_check(L, 1, &dt_websocket_class);
  if (!w->request.busy)
    close_websocket(w);
  return 0;
}

static int ws__tostring(lua_State *L) {
  dt_websocket *w = dt_class_check(L, 1, &dt_websocket_class);
  lua_pushfstring(L, "%s %s (%s)", dt_websocket_class.name,
                  w->request.operation ? w->request.operation->name : "?",
                  is_over(w) ? "over" : "under way");
  return 1;
}

static const luaL_Reg methods[] = {{"info", dt_request_info},
                                   {"rate_limit", dt_request_rate_limit},
                                   {"receive", ws_receive},
                                   {"demultiplex", dt_demultiplexer_take},
                                   {"send", ws_send},
                                   {"writer", ws_writer},
                                   {"is_open", ws_is_open},
                                   {"subprotocol", ws_subprotocol},
                                   {"shutdown", ws_shutdown},
                                   {"ping_every", ws_ping_every},
                                   {"result", ws_result},
                                   {"close", ws_close},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", ws__gc},
                                       {"__close", ws_close},
                                       {"__tostring", ws__tostring},
                                       {NULL, NULL}};

static const luaL_Reg nothing[] = {{NULL, NULL}};

void dt_websocket_open(lua_State *L) {
  dt_class_open(L, &dt_writer_class, dt_websocket_waiting, nothing);
  dt_class_open(L, &dt_websocket_class, dt_websocket_waiting, metamethods);
  luaL_getmetatable(L, dt_websocket_class.name);
  lua_getfield(L, -1, "__index");
  dt_setfuncs(L, methods, 0);
  lua_pop(L, 2);
}
