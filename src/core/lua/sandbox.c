#include "sandbox.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../wire/buffer.h"
#include "printable.h"

typedef struct dt_sandbox {
  dt_buffer base; /* NUL-terminated toolbox URL with the id, or empty */
} dt_sandbox;

/* Text of field 'name' in the table at 'fields', left on the stack. */
static const char *field(lua_State *L, int fields, const char *name,
                         size_t *n) {
  lua_getfield(L, fields, name);
  return lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, n) : NULL;
}

/* Whether paths can be appended to the URL.  It comes from the server. */
static bool is_base_url(const char *url, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)url[i] <= ' ' || strchr("?#@\177", url[i]))
      return false;
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
  dt_sandbox *s =
      dt_class_new(L, &dt_sandbox_class, sizeof *s, DT_SANDBOX_VALUES);
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
  dt_sandbox *s = dt_class_check(L, index, &dt_sandbox_class);
  return s->base.len > 0 ? s->base.data : NULL;
}

/* Upvalues of __index: functions by name, constructors of areas by name. */
#define METHODS lua_upvalueindex(1)
#define AREAS lua_upvalueindex(2)

/* Pushes what the table at 'index' has under the key at 2. */
static int push_member(lua_State *L, int index) {
  lua_pushvalue(L, 2);
  lua_rawget(L, index);
  return !lua_isnil(L, -1);
}

/* Makes the area whose constructor is at the top; the handle keeps it. */
static void make_area(lua_State *L) {
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  dt_getuservalue(L, 1, DT_SANDBOX_AREAS);
  if (!lua_istable(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    dt_setuservalue(L, 1, DT_SANDBOX_AREAS);
  }
  lua_pushvalue(L, 2);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/* Methods first, then areas, made on first use, then fields.  Without the Lua
 * layer (see core.sandbox_methods) there are only fields. */
static int sandbox__index(lua_State *L) {
  dt_class_check(L, 1, &dt_sandbox_class);
  lua_settop(L, 2);
  if (lua_istable(L, METHODS)) {
    if (push_member(L, METHODS))
      return 1;
    dt_getuservalue(L, 1, DT_SANDBOX_AREAS);
    if (lua_istable(L, -1) && push_member(L, -2))
      return 1;
    if (push_member(L, AREAS)) {
      make_area(L);
      return 1;
    }
  }
  dt_getuservalue(L, 1, DT_SANDBOX_FIELDS);
  if (push_member(L, lua_gettop(L)) || !lua_istable(L, METHODS))
    return 1;
  lua_pushvalue(L, 2); /* not raw: the methods know names that are meant */
  lua_gettable(L, METHODS);
  return 1;
}

static int sandbox__newindex(lua_State *L) {
  dt_class_check(L, 1, &dt_sandbox_class);
  return luaL_error(L,
                    "a sandbox's fields are read-only (refresh updates them)");
}

static int sandbox__tostring(lua_State *L) {
  dt_class_check(L, 1, &dt_sandbox_class);
  dt_getuservalue(L, 1, DT_SANDBOX_FIELDS);
  lua_getfield(L, -1, "id");
  lua_getfield(L, -2, "state");
  lua_pushfstring(L, "%s %s (%s)", dt_sandbox_class.name,
                  lua_isstring(L, -2) ? lua_tostring(L, -2) : "?",
                  lua_isstring(L, -1) ? lua_tostring(L, -1) : "unknown state");
  dt_printable_push(L, -1, 0);
  return 1;
}

/* Two handles are equal when they name the same sandbox. */
static int sandbox__eq(lua_State *L) {
  int same = dt_class_test(L, 1, &dt_sandbox_class) != NULL &&
             dt_class_test(L, 2, &dt_sandbox_class) != NULL;
  for (int i = 1; same && i <= 2; i++) {
    dt_getuservalue(L, i, DT_SANDBOX_FIELDS);
    lua_getfield(L, -1, "id");
  }
  lua_pushboolean(L, same && !lua_isnil(L, -1) && lua_rawequal(L, -1, -3));
  return 1;
}

/* Steps through a copy of the fields. */
static int fields_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (lua_next(L, 1))
    return 2;
  lua_pushnil(L);
  return 1;
}

/* pairs(sandbox), from Lua 5.2 on: the fields, as they are now. */
static int sandbox__pairs(lua_State *L) {
  dt_class_check(L, 1, &dt_sandbox_class);
  lua_pushcfunction(L, fields_next);
  lua_newtable(L);
  dt_getuservalue(L, 1, DT_SANDBOX_FIELDS);
  int fields = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, fields);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, fields - 1);
  }
  lua_pop(L, 1);
  return 2;
}

static int sandbox__gc(lua_State *L) {
  dt_sandbox *s = dt_class_check(L, 1, &dt_sandbox_class);
  dt_buffer_free(&s->base);
  return 0;
}

/* core.sandbox_fields(handle [, fields]) -> the table of fields, which is
 * replaced first if one is given. */
static int sandbox_fields(lua_State *L) {
  dt_sandbox *s = dt_class_check(L, 1, &dt_sandbox_class);
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
 * sandbox's toolbox is known */
static int sandbox_owner(lua_State *L) {
  const char *base = dt_sandbox_base(L, 1);
  dt_getuservalue(L, 1, DT_SANDBOX_OWNER);
  lua_pushboolean(L, base != NULL);
  return 2;
}

/* core.is_sandbox(value) */
static int sandbox_is(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, dt_class_test(L, 1, &dt_sandbox_class) != NULL);
  return 1;
}

/* core.sandbox_methods(methods, areas, close): what handles can do, from the
 * Lua layer: functions by name, constructors of areas by name, and what the
 * end of a <close> variable calls.  That one becomes the metamethod itself,
 * because Lua cannot yield across a C function. */
static int sandbox_methods(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  luaL_getmetatable(L, dt_sandbox_class.name);
  lua_insert(L, 1);
  lua_setfield(L, 1, "__close");
  lua_pushcclosure(L, sandbox__index, 2);
  lua_setfield(L, 1, "__index");
  return 0;
}

static const luaL_Reg functions[] = {
    {"sandbox", sandbox_new},           {"sandbox_methods", sandbox_methods},
    {"sandbox_fields", sandbox_fields}, {"sandbox_owner", sandbox_owner},
    {"is_sandbox", sandbox_is},         {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__index", sandbox__index},
                                       {"__newindex", sandbox__newindex},
                                       {"__tostring", sandbox__tostring},
                                       {"__eq", sandbox__eq},
                                       {"__pairs", sandbox__pairs},
                                       {"__gc", sandbox__gc},
                                       {NULL, NULL}};

const dt_class dt_sandbox_class = {"daytona.sandbox"};

void dt_sandbox_open(lua_State *L) {
  dt_class_open(L, &dt_sandbox_class, NULL, metamethods);
  dt_setfuncs(L, functions, 0);
}
