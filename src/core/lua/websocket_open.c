/* client:connect: checks, encodes, begins to connect. */
#include "websocket_open.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "encode.h"
#include "preconnect.h"
#include "request_permit.h"
#include "request_send.h"
#include "websocket.h"
#include "../flow/request_life.h"
#include "../flow/request_setup.h"
#include "../socket/upgrade.h"

/* What a subprotocol may consist of (RFC 9110, token). */
static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                            "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* Appends the string at the top to 'list', which stands below it, and pops
 * it. */
static void add_subprotocol(lua_State *L, const dt_spot *spot) {
  size_t n;
  const char *s = lua_tolstring(L, -1, &n);
  if (n == 0 || strspn(s, token) != n)
    dt_encode_complain(L, spot, "'%s' cannot be a subprotocol", s);
  if (dt_rawlen(L, -2) > 0) {
    lua_pushliteral(L, ", ");
    lua_insert(L, -2);
    lua_concat(L, 3);
  }
  else
    lua_replace(L, -2);
}

/* Pushes the subprotocols that are in the table at 'params', which was checked,
 * as a list with commas. */
static const char *push_subprotocols(lua_State *L, const dt_operation *op,
                                     int params) {
  const dt_spot top = {.operation = op->name};
  lua_pushliteral(L, "");
  for (const dt_field *f = op->params; f && f->name; f++) {
    if (f->place != DT_SUBPROTOCOL)
      continue;
    const dt_spot here = {.outer = &top, .field = f->name};
    lua_getfield(L, params, f->name);
    size_t n = lua_istable(L, -1) ? dt_rawlen(L, -1) : 0;
    for (size_t i = 1; i <= n; i++) {
      const dt_spot item = {.outer = &here, .item = i};
      lua_pushvalue(L, -2);
      lua_rawgeti(L, -2, (int)i);
      add_subprotocol(L, &item);
      lua_replace(L, -3);
    }
    if (lua_type(L, -1) == LUA_TSTRING)
      add_subprotocol(L, &here);
    else
      lua_pop(L, 1);
  }
  return lua_tostring(L, -1);
}

/* What it needs before anything moves. */
static void prepare(lua_State *L, dt_websocket *w, const char *subprotocols) {
  const dt_frames_config config = {.max_text = w->request.client->max_response,
                                   .events = dt_websocket_events,
                                   .arg = w};
  if (dt_handshake_key(w->key) != 0)
    luaL_error(L, "no random numbers");
  w->answer = malloc(sizeof *w->answer);
  if (w->answer)
    memset(w->answer, 0, sizeof *w->answer);
  w->request.answer = w->answer;
  w->frames = dt_frames_new(&config);
  w->buffer = malloc(DT_WEBSOCKET_STAGE);
  if (!w->answer || !w->frames || !w->buffer ||
      !dt_upgrade_ask(&w->request, w->key, subprotocols, &w->question))
    luaL_error(L, "not enough memory");
}

/* 'ahead' may be NULL. */
static void start(lua_State *L, dt_websocket *w, double seconds,
                  dt_preconnection *ahead) {
  w->deadline = seconds > 0 ? dt_sockets_now() + seconds : (double)HUGE_VAL;
  if (w->request.client->closed) /* by a finalizer, meanwhile */
    luaL_error(L, "client is closed");
  dt_request_enter(&w->request);
  CURLcode code = dt_websocket_start(
      w, ahead ? dt_preconnection_take(ahead, w->request.client,
                                       w->request.url.data)
               : NULL);
  dt_request_leave(&w->request);
  if (code == CURLE_OUT_OF_MEMORY)
    luaL_error(L, "not enough memory");
  if (code != CURLE_OK)
    luaL_error(L, "libcurl: %s", curl_easy_strerror(code));
}

int dt_websocket_connect(lua_State *L) {
  enum { CLIENT = 1, OPERATION, PARAMS, SANDBOX, SECONDS, AHEAD };
  dt_client *c = dt_client_check(L, CLIENT);
  const dt_operation *op = dt_operations_find(luaL_checkstring(L, OPERATION));
  luaL_argcheck(L, op && op->body == DT_WEBSOCKET, OPERATION,
                "no such operation");
  luaL_checktype(L, PARAMS, LUA_TTABLE);
  double seconds = (double)luaL_optnumber(L, SECONDS, 0);
  dt_preconnection *ahead = dt_class_test(L, AHEAD, &dt_preconnection_class);
  lua_settop(L, AHEAD);
  dt_websocket *w =
      dt_class_new(L, &dt_websocket_class, sizeof *w, DT_WEBSOCKET_VALUES);
  dt_request_init(&w->request, c, op);
  w->request.transfer.kind = &dt_websocket_reader;
  w->request.transfer.may_need_lua = 1;
  w->writer.kind = &dt_websocket_writer;
  w->writer.may_need_lua = 1;
  w->fd = CURL_SOCKET_BAD;
  w->deadline = HUGE_VAL;
  lua_pushvalue(L, CLIENT);
  dt_setuservalue(L, -2, DT_WEBSOCKET_CLIENT);
  dt_request_encode(L, &w->request, PARAMS, SANDBOX);
  const char *subprotocols = push_subprotocols(L, op, PARAMS);
  if (!dt_request_may_send(&w->request))
    return dt_request_refuse(L, &w->request, SANDBOX);
  if (seconds < 0) {
    w->request.late = w->request.transfer.done = w->writer.done = 1;
    w->request.transfer.code = CURLE_OPERATION_TIMEDOUT;
    w->phase = DT_WEBSOCKET_OVER;
  }
  else {
    prepare(L, w, subprotocols);
    start(L, w, seconds, ahead);
  }
  lua_pop(L, 1);
  return 1;
}
