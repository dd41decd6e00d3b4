/* Requests of client:request: any method, headers and body; and rows with a
 * header of their own. */
#include "request_custom.h"

#include <stdbool.h>
#include <string.h>

#include "encode.h"
#include "misuse.h"
#include "../flow/request_setup.h"

static void add_header(lua_State *L, dt_request *r, const char *line) {
  struct curl_slist *longer = curl_slist_append(r->headers, line);
  if (!longer)
    luaL_error(L, "not enough memory");
  r->headers = longer;
}

/* Whether the table at 'table' names the header of 'line', in any case. */
static bool has_header(lua_State *L, int table, const char *line) {
  size_t n = strcspn(line, ":;");
  int found = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    const char *name = lua_tostring(L, -2);
    found |= strlen(name) == n && curl_strnequal(name, line, n);
  }
  return found;
}

/* Whether 's' is a token as RFC 9110 has it: a method, the name of a header. */
static bool is_token(const char *s, size_t n) {
  static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return n > 0 && strspn(s, token) == n;
}

/* Whether a header says where the body ends, or is part of a WebSocket's
 * handshake: that is the client's to say.  A length that is not the body's
 * would leave both sides waiting for the other. */
static bool is_framing(const char *name, const dt_operation *op) {
  static const char *const names[] = {"Content-Length", "Transfer-Encoding",
                                      "Connection", "Upgrade"};
  static const char handshake[] = "Sec-WebSocket-";
  for (size_t i = 0; i < (op->body == DT_WEBSOCKET ? 4 : 2); i++)
    if (curl_strequal(name, names[i]))
      return 1;
  return op->body == DT_WEBSOCKET &&
         curl_strnequal(name, handshake, sizeof handshake - 1);
}

/* Raises unless the pair at the top of the stack can be a header. */
static void check_header(lua_State *L, const dt_operation *op) {
  size_t name_length, n;
  const char *name = lua_tolstring(L, -2, &name_length);
  const char *value = lua_tolstring(L, -1, &n);
  if (!is_token(name, name_length))
    dt_misuse(L, "%s: field 'headers': '%s' is no header name", op->name, name);
  if (is_framing(name, op))
    dt_misuse(L, "%s: field 'headers': '%s' is for the client to say", op->name,
              name);
  if (curl_strequal(name, "Authorization") && !(op->flags & DT_EXCHANGE))
    dt_misuse(L, "%s: field 'headers': credentials belong to the client",
              op->name);
  if (strcspn(value, "\r\n") != n)
    dt_misuse(L, "%s: field 'headers': key '%s': contains NUL, CR or LF",
              op->name, name);
}

/* Own headers: the client's, then those of the table at the top, which win. */
static void add_headers(lua_State *L, dt_request *r) {
  const dt_operation *op = r->operation;
  const struct curl_slist *h = dt_request_headers(r);
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    check_header(L, op);
    const char *value = lua_tostring(L, -1);
    lua_pushfstring(L, value[0] ? "%s: %s" : "%s;", lua_tostring(L, -2), value);
    add_header(L, r, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  for (; h; h = h->next)
    if (!has_header(L, table, h->data) &&
        (!(op->flags & DT_EXCHANGE) ||
         curl_strnequal(h->data, "User-Agent:", 11)))
      add_header(L, r, h->data);
}

/* Pushes the table of headers: nil where none is needed. */
static void push_headers(lua_State *L, int params, int is_needed) {
  lua_getfield(L, params, "headers");
  if (is_needed && lua_isnil(L, -1)) {
    lua_newtable(L);
    lua_replace(L, -2);
  }
}

void dt_request_row_header(lua_State *L, dt_request *r) {
  const char *own = r->operation->header;
  size_t n = strcspn(own, ":") + 1;
  for (const struct curl_slist *h = dt_request_headers(r); h; h = h->next)
    add_header(L, r, curl_strnequal(h->data, own, n) ? own : h->data);
}

void dt_request_encode_custom(lua_State *L, dt_request *r, int params) {
  size_t n;
  const dt_operation *op = r->operation;
  bool is_exchange = (op->flags & DT_EXCHANGE) != 0;
  dt_encode_custom(L, op, params, &r->url, &r->body);
  if (op->body == DT_WEBSOCKET) {
    push_headers(L, params, is_exchange);
    if (is_exchange)
      add_headers(L, r);
    lua_pop(L, 1);
    r->method = strdup("GET");
    if (!r->method)
      luaL_error(L, "not enough memory");
    return;
  }
  lua_getfield(L, params, "body");
  push_headers(L, params, is_exchange || lua_type(L, -1) == LUA_TSTRING);
  if (lua_istable(L, -1))
    add_headers(L, r);
  if (lua_type(L, -2) == LUA_TSTRING) {
    const char *body = lua_tolstring(L, -2, &n);
    dt_buffer_add(&r->body, body, n);
    if (!has_header(L, lua_gettop(L), "Content-Type"))
      add_header(L, r, "Content-Type: application/octet-stream");
  }
  else if (is_exchange && r->body.len > 0 &&
           !has_header(L, lua_gettop(L), "Content-Type"))
    add_header(L, r, "Content-Type: application/json");
  lua_getfield(L, params, "raw");
  r->raw = lua_toboolean(L, -1);
  lua_getfield(L, params, "method");
  const char *method = lua_tolstring(L, -1, &n);
  if (!is_token(method, n))
    dt_misuse(L, "%s: field 'method': not an HTTP method", op->name);
  r->method = strdup(method);
  if (!r->method)
    luaL_error(L, "not enough memory");
  if (strcmp(method, "HEAD") == 0 && r->body.len > 0)
    dt_misuse(L, "%s: field 'body': HEAD has none", op->name);
  r->plain = strcmp(r->method, "HEAD") != 0;
  lua_pop(L, 4);
}
