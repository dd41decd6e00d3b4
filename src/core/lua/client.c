#include "client.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "misuse.h"
#include "../flow/driver.h"
#include "../flow/route.h"

const dt_class dt_client_class = {"daytona.core.client"};

enum { DEFAULT_SILENCE = 10 }; /* seconds */

static const char ready_key; /* registry: curl_global_init was done */

dt_client *dt_client_check(lua_State *L, int index) {
  dt_client *c = dt_class_check(L, index, &dt_client_class);
  if (c->closed)
    dt_misuse(L, "client is closed");
  dt_client_check_process(L, c);
  return c;
}

void dt_client_check_process(lua_State *L, dt_client *c) {
  if (dt_client_is_foreign(c) && !c->closed && dt_driver_adopt(&c->driver) != 0)
    dt_misuse(L, "client was made in another process, whose connections it has "
                 "(make one after the fork)");
}

/* libcurl counts its initialisations, so one per Lua state is right; nothing
 * is cleaned up, because other users of libcurl may live in the process. */
static void init_libcurl(lua_State *L) {
  dt_rawgetp(L, &ready_key);
  int ready = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (ready)
    return;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    luaL_error(L, "libcurl cannot be initialised");
  lua_pushboolean(L, 1);
  dt_rawsetp(L, &ready_key);
}

/* Field 'name' of the configuration table at 1 as a string without NUL, CR
 * and LF, left on the stack; NULL if absent. */
static const char *get_string(lua_State *L, const char *name) {
  size_t n;
  lua_getfield(L, 1, name);
  if (lua_isnil(L, -1))
    return NULL;
  if (lua_type(L, -1) != LUA_TSTRING)
    luaL_error(L, "daytona.new: field '%s': string expected, got %s", name,
               luaL_typename(L, -1));
  const char *s = lua_tolstring(L, -1, &n);
  if (strlen(s) != n || strpbrk(s, "\r\n"))
    luaL_error(L, "daytona.new: field '%s': contains NUL, CR or LF", name);
  return s;
}

static double get_number(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  double n = (double)luaL_checknumber(L, -1);
  lua_pop(L, 1);
  luaL_argcheck(L, n >= 0 && n < DT_EXACT_LIMIT, 1, name);
  return n;
}

static void copy_string(lua_State *L, char **to, const char *name) {
  const char *s = get_string(L, name);
  if (s && !(*to = strdup(s)))
    luaL_error(L, "not enough memory");
  lua_pop(L, 1);
}

static void add_header(lua_State *L, struct curl_slist **list, const char *name,
                       const char *value) {
  if (!value)
    return;
  lua_pushfstring(L, value[0] ? "%s: %s" : "%s:", name, value);
  struct curl_slist *longer = curl_slist_append(*list, lua_tostring(L, -1));
  if (!longer)
    luaL_error(L, "not enough memory");
  *list = longer;
  lua_pop(L, 1);
}

/* First come those that libcurl looks for in each request: it compares all up
 * to the one that it finds.  It would write Accept-Encoding, which is an
 *option,
 * twice: into memory, and from there into the request. */
static void add_headers(lua_State *L, dt_client *c, dt_header_list kind) {
  struct curl_slist **list = &c->headers[kind];
  if (kind == DT_HEADERS_JSON || kind == DT_HEADERS_LARGE)
    add_header(L, list, "Content-Type", "application/json");
  add_header(L, list, "Accept", "application/json");
  add_header(L, list, "Accept-Encoding", "identity");
  add_header(L, list, "User-Agent", get_string(L, "user_agent"));
  lua_pushfstring(L, "Bearer %s", c->token);
  add_header(L, list, "Authorization", lua_tostring(L, -1));
  add_header(L, list, "X-Daytona-Source", get_string(L, "source"));
  add_header(L, list, "X-Daytona-SDK-Version", get_string(L, "sdk_version"));
  add_header(L, list, "X-Daytona-Organization-ID",
             get_string(L, "organization_id"));
  lua_pop(L, 5);
  if (kind == DT_HEADERS_LARGE || kind == DT_HEADERS_UPLOAD)
    add_header(L, list, "Expect", "");
}

int dt_client_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  init_libcurl(L);
  dt_client *c = dt_class_new(L, &dt_client_class, sizeof *c, 1);
  c->connect_timeout = (long)ceil(get_number(L, "connect_timeout") * 1000);
  lua_getfield(L, 1, "silence_timeout");
  c->driver.silence = (double)luaL_optnumber(L, -1, DEFAULT_SILENCE);
  lua_pop(L, 1);
  c->max_response = (size_t)get_number(L, "max_response");
  lua_getfield(L, 1, "allow_http");
  c->allow_http = lua_toboolean(L, -1);
  lua_pop(L, 1);
  copy_string(L, &c->api_url, "api_url");
  copy_string(L, &c->token, "token");
  copy_string(L, &c->ca_file, "ca_file");
  copy_string(L, &c->ca_source, "ca_source");
  luaL_argcheck(L, c->api_url && c->token, 1, "api_url and token are needed");
  for (int kind = 0; kind < DT_HEADER_LISTS; kind++)
    add_headers(L, c, (dt_header_list)kind);
  if (dt_driver_open(&c->driver) != 0)
    return luaL_error(L, "not enough memory");
  return 1;
}

/* core.is_loopback(url) */
int dt_client_is_loopback(lua_State *L) {
  lua_pushboolean(L, dt_route_is_loopback(luaL_checkstring(L, 1)));
  return 1;
}
