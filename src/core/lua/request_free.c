/* Requests of client:request: any method, headers and body; and rows with a
** header of their own. */
#include "request_free.h"

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
static int has_header(lua_State *L, int table, const char *line) {
  size_t n = strcspn(line, ":;");
  int found = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    const char *name = lua_tostring(L, -2);
    found |= strlen(name) == n && curl_strnequal(name, line, n);
  }
  return found;
}

/* Whether 's' is a token as RFC 9110 has it: a method, the name of a header. */
static int is_token(const char *s, size_t n) {
  static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return n > 0 && strspn(s, token) == n;
}

/* Raises unless the pair at the top of the stack can be a header. */
static void check_header(lua_State *L) {
  size_t name_length, n;
  const char *name = lua_tolstring(L, -2, &name_length);
  const char *value = lua_tolstring(L, -1, &n);
  if (!is_token(name, name_length))
    dt_misuse(L, "client.request: field 'headers': '%s' is no header name",
              name);
  if (curl_strequal(name, "Authorization"))
    dt_misuse(L, "client.request: field 'headers': credentials belong to the "
                 "client");
  if (strcspn(value, "\r\n") != n)
    dt_misuse(L,
              "client.request: field 'headers': key '%s': contains NUL, CR "
              "or LF",
              name);
}

/* Own headers: the client's, then those of the table at the top, which win. */
static void add_headers(lua_State *L, dt_request *r) {
  const struct curl_slist *h = dt_request_headers(r);
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    check_header(L);
    const char *value = lua_tostring(L, -1);
    lua_pushfstring(L, value[0] ? "%s: %s" : "%s;", lua_tostring(L, -2), value);
    add_header(L, r, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  for (; h; h = h->next)
    if (!has_header(L, table, h->data))
      add_header(L, r, h->data);
}

void dt_request_row_header(lua_State *L, dt_request *r) {
  const char *own = r->operation->header;
  size_t n = strcspn(own, ":") + 1;
  for (const struct curl_slist *h = dt_request_headers(r); h; h = h->next)
    add_header(L, r, curl_strnequal(h->data, own, n) ? own : h->data);
}

void dt_request_encode_free(lua_State *L, dt_request *r, int params) {
  size_t n;
  dt_encode_free(L, r->operation, params, &r->url, &r->body);
  if (r->operation->body == DT_WEBSOCKET) {
    r->method = strdup("GET");
    if (!r->method)
      luaL_error(L, "not enough memory");
    return;
  }
  lua_getfield(L, params, "body");
  lua_getfield(L, params, "headers");
  if (lua_type(L, -2) == LUA_TSTRING && lua_isnil(L, -1)) {
    lua_newtable(L);
    lua_replace(L, -2);
  }
  if (lua_istable(L, -1))
    add_headers(L, r);
  if (lua_type(L, -2) == LUA_TSTRING) {
    const char *body = lua_tolstring(L, -2, &n);
    dt_buffer_add(&r->body, body, n);
    if (!has_header(L, lua_gettop(L), "Content-Type"))
      add_header(L, r, "Content-Type: application/octet-stream");
  }
  lua_getfield(L, params, "raw");
  r->raw = lua_toboolean(L, -1);
  lua_getfield(L, params, "method");
  const char *method = lua_tolstring(L, -1, &n);
  if (!is_token(method, n))
    dt_misuse(L, "client.request: field 'method': not an HTTP method");
  r->method = strdup(method);
  if (!r->method)
    luaL_error(L, "not enough memory");
  if (strcmp(method, "HEAD") == 0 && r->body.length > 0)
    dt_misuse(L, "client.request: field 'body': HEAD has none");
  r->plain = strcmp(r->method, "HEAD") != 0;
  lua_pop(L, 4);
}
