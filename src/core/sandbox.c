#include "sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"

typedef struct dt_sandbox {
  dt_buffer base; /* NUL-terminated toolbox URL with the id, or empty */
} dt_sandbox;

static const char methods_key, areas_key; /* registry */

/* Text of field 'name' in the table at 'fields', left on the stack. */
static const char *field(lua_State *L, int fields, const char *name,
                         size_t *n) {
  lua_getfield(L, fields, name);
  return lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, n) : NULL;
}

/* Whether paths can be appended to the URL.  It comes from the server. */
static int is_base_url(const char *url, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)url[i] <= ' ' || strchr("?#@\177", url[i]))
      return 0;
  return n > 0;
}

/* Base = toolboxProxyUrl without trailing slashes, "/", id. */
static void make_base(lua_State *L, dt_sandbox *s, int fields) {
  size_t url_length = 0, id_length = 0;
  const char *url = field(L, fields, "toolbox_proxy_url", &url_length);
  const char *id = field(L, fields, "id", &id_length);
  dt_buffer_clear(&s->base);
  while (url && url_length > 0 && url[url_length - 1] == '/')
    url_length--;
  if (url && id && id_length > 0 && is_base_url(url, url_length)) {
    dt_buffer_add(&s->base, url, url_length);
    dt_buffer_addc(&s->base, '/');
    dt_buffer_addescaped(&s->base, id, id_length);
    dt_buffer_terminate(&s->base);
  }
  lua_pop(L, 2);
  if (s->base.failed) {
    dt_buffer_free(&s->base);
    luaL_error(L, "not enough memory");
  }
}

void dt_sandbox_wrap(lua_State *L, int owner) {
  int fields = lua_gettop(L);
  dt_sandbox *s = dt_newuserdata(L, sizeof *s, DT_SANDBOX_VALUES);
  memset(s, 0, sizeof *s);
  luaL_getmetatable(L, DT_SANDBOX_TYPE);
  lua_setmetatable(L, -2);
  lua_pushvalue(L, fields);
  dt_setuservalue(L, -2, DT_SANDBOX_FIELDS);
  lua_pushvalue(L, owner);
  dt_setuservalue(L, -2, DT_SANDBOX_OWNER);
  make_base(L, s, fields);
  lua_replace(L, fields);
}

/* core.sandbox(fields, client) -> handle */
static int sandbox_new(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_insert(L, 1);
  dt_sandbox_wrap(L, 1);
  return 1;
}

const char *dt_sandbox_base(lua_State *L, int index) {
  dt_sandbox *s = luaL_checkudata(L, index, DT_SANDBOX_TYPE);
  return s->base.length > 0 ? s->base.data : NULL;
}

/* Pushes area 'key' of the handle at 1, made on first use; returns 0 and
** pushes nothing if there is no such area. */
static int push_area(lua_State *L) {
  dt_rawgetp(L, &areas_key);
  if (!lua_istable(L, -1))
    return lua_pop(L, 1), 0;
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (lua_isnil(L, -1))
    return lua_pop(L, 1), 0;
  dt_getuservalue(L, 1, DT_SANDBOX_AREAS);
  if (!lua_istable(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    dt_setuservalue(L, 1, DT_SANDBOX_AREAS);
  }
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
  }
  return 1;
}

/* Methods first, then areas, then fields. */
static int sandbox__index(lua_State *L) {
  luaL_checkudata(L, 1, DT_SANDBOX_TYPE);
  dt_rawgetp(L, &methods_key);
  if (lua_istable(L, -1)) {
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    if (!lua_isnil(L, -1))
      return 1;
  }
  if (push_area(L))
    return 1;
  dt_getuservalue(L, 1, DT_SANDBOX_FIELDS);
  lua_pushvalue(L, 2);
  lua_rawget(L, -2);
  return 1;
}

static int sandbox__newindex(lua_State *L) {
  luaL_checkudata(L, 1, DT_SANDBOX_TYPE);
  return luaL_error(L,
                    "a sandbox's fields are read-only (refresh updates them)");
}

static int sandbox__tostring(lua_State *L) {
  luaL_checkudata(L, 1, DT_SANDBOX_TYPE);
  dt_getuservalue(L, 1, DT_SANDBOX_FIELDS);
  lua_getfield(L, -1, "id");
  lua_getfield(L, -2, "state");
  lua_pushfstring(L, DT_SANDBOX_TYPE " %s (%s)",
                  lua_isstring(L, -2) ? lua_tostring(L, -2) : "?",
                  lua_isstring(L, -1) ? lua_tostring(L, -1) : "unknown state");
  return 1;
}

/* Two handles are equal when they name the same sandbox. */
static int sandbox__eq(lua_State *L) {
  int same = dt_testudata(L, 1, DT_SANDBOX_TYPE) != NULL &&
             dt_testudata(L, 2, DT_SANDBOX_TYPE) != NULL;
  for (int i = 1; same && i <= 2; i++) {
    dt_getuservalue(L, i, DT_SANDBOX_FIELDS);
    lua_getfield(L, -1, "id");
  }
  lua_pushboolean(L, same && !lua_isnil(L, -1) && lua_rawequal(L, -1, -3));
  return 1;
}

static int sandbox__gc(lua_State *L) {
  dt_sandbox *s = luaL_checkudata(L, 1, DT_SANDBOX_TYPE);
  dt_buffer_free(&s->base);
  return 0;
}

/* core.sandbox_fields(handle [, fields]) -> the table of fields, which is
** replaced first if one is given. */
static int sandbox_fields(lua_State *L) {
  dt_sandbox *s = luaL_checkudata(L, 1, DT_SANDBOX_TYPE);
  lua_settop(L, 2);
  if (!lua_isnil(L, 2)) {
    luaL_checktype(L, 2, LUA_TTABLE);
    make_base(L, s, 2);
    lua_pushvalue(L, 2);
    dt_setuservalue(L, 1, DT_SANDBOX_FIELDS);
  }
  dt_getuservalue(L, 1, DT_SANDBOX_FIELDS);
  return 1;
}

/* core.sandbox_owner(handle) -> the Lua client, and whether the URL of the
** sandbox's toolbox is known */
static int sandbox_owner(lua_State *L) {
  const char *base = dt_sandbox_base(L, 1);
  dt_getuservalue(L, 1, DT_SANDBOX_OWNER);
  lua_pushboolean(L, base != NULL);
  return 2;
}

/* core.is_sandbox(value) */
static int sandbox_is(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, dt_testudata(L, 1, DT_SANDBOX_TYPE) != NULL);
  return 1;
}

/* core.sandbox_methods(methods, areas, close): what handles can do, from the
** Lua layer: functions by name, constructors of areas by name, and what the
** end of a <close> variable calls.  That one becomes the metamethod itself,
** because Lua cannot yield across a C function. */
static int sandbox_methods(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  luaL_getmetatable(L, DT_SANDBOX_TYPE);
  lua_insert(L, 3);
  lua_setfield(L, 3, "__close");
  lua_settop(L, 2);
  dt_rawsetp(L, &areas_key);
  dt_rawsetp(L, &methods_key);
  return 0;
}

static const luaL_Reg functions[] = {{"sandbox", sandbox_new},
                                     {"sandbox_methods", sandbox_methods},
                                     {"sandbox_fields", sandbox_fields},
                                     {"sandbox_owner", sandbox_owner},
                                     {"is_sandbox", sandbox_is},

                                     {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__index", sandbox__index},
                                       {"__newindex", sandbox__newindex},
                                       {"__tostring", sandbox__tostring},
                                       {"__eq", sandbox__eq},
                                       {"__gc", sandbox__gc},
                                       {NULL, NULL}};

void dt_sandbox_open(lua_State *L) {
  luaL_newmetatable(L, DT_SANDBOX_TYPE);
  dt_setfuncs(L, metamethods, 0);
  lua_pushliteral(L, DT_SANDBOX_TYPE);
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0); /* its __gc is not for others to call */
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  dt_setfuncs(L, functions, 0);
}
