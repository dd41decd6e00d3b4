#include "secrets.h"

#include "lua_compat.h"
#include "../table/operations.h"

enum { OPERATION = 1, PARAMS, LIST };

/* Adds the value at the top, if it is a string, to the list. */
static void add(lua_State *L, const char *kind) {
  if (lua_type(L, -1) != LUA_TSTRING)
    return;
  int n = (int)dt_rawlen(L, LIST);
  lua_pushvalue(L, -1);
  lua_rawseti(L, LIST, n + 1);
  lua_pushstring(L, kind);
  lua_rawseti(L, LIST, n + 2);
}

static void add_fields(lua_State *L, const dt_field *fields);

/* Adds what is secret of one value of the field, the one at the top. */
static void add_value(lua_State *L, const dt_field *f, const char *kind) {
  const dt_shape *shape = dt_operations_shape(f);
  if (f->flags & (DT_SECRET | DT_SECRET_IN_URL))
    add(L, kind);
  else if (shape && lua_istable(L, -1))
    add_fields(L, shape->fields);
}

/* Adds what is secret of the field, whose value is at the top. */
static void add_field(lua_State *L, const dt_field *f) {
  const char *kind = f->flags & DT_SECRET_IN_URL ? "url" : "whole";
  if (f->many == DT_ONE) {
    add_value(L, f, kind);
    return;
  }
  if (!lua_istable(L, -1))
    return;
  if (f->many == DT_MAP && !(f->flags & DT_SECRET_IN_URL))
    kind = "value";
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
    add_value(L, f, kind);
}

/* Adds what is secret of the table at the top.  No deeper than the shapes are:
 * one that has itself as a part is followed as deep as the value is. */
static void add_fields(lua_State *L, const dt_field *fields) {
  luaL_checkstack(L, 8, "too deep");
  for (const dt_field *f = fields; f && f->name; f++) {
    lua_pushstring(L, f->name);
    lua_rawget(L, -2);
    add_field(L, f);
    lua_pop(L, 1);
  }
}

int dt_secrets_push(lua_State *L) {
  const dt_operation *op = dt_operations_find(luaL_checkstring(L, OPERATION));
  luaL_checktype(L, PARAMS, LUA_TTABLE);
  lua_settop(L, PARAMS);
  lua_newtable(L);
  lua_pushvalue(L, PARAMS);
  if (op)
    add_fields(L, op->params);
  lua_settop(L, LIST);
  return 1;
}
