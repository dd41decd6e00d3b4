#include "operations.h"

#include <stdbool.h>
#include <string.h>

int dt_operations_sandbox_field(lua_State *L) {
  const char *name = luaL_checkstring(L, 1), *nearest = NULL;
  int best = (int)luaL_optinteger(L, 2, 0) + 1;
  for (const dt_field *f = dt_shape_sandbox.fields; f->name; f++) {
    int d = strcmp(name, f->name) == 0 ? 0 : best;
    if (d > 0 && best > 1)
      d = dt_operations_distance(name, f->name);
    if (d < best) {
      best = d;
      nearest = f->name;
    }
  }
  lua_pushstring(L, nearest); /* nil if there is none */
  return 1;
}

int dt_operations_nearest_key(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  int best = (int)luaL_checkinteger(L, 3) + 1;
  lua_settop(L, 2);
  lua_pushnil(L); /* the nearest */
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
    if (lua_type(L, 4) != LUA_TSTRING)
      continue;
    int d = dt_operations_distance(name, lua_tostring(L, 4));
    if (d < best) {
      best = d;
      lua_pushvalue(L, 4);
      lua_replace(L, 3);
    }
  }
  return 1;
}

static void set_string(lua_State *L, const char *key, const char *value) {
  if (!value)
    return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

void dt_operations_set_method(lua_State *L, const dt_operation *op) {
  static const char *const pagings[] = {NULL, "pages", "cursor"};
  int n = 0, held = 0, of_sandbox = 0;
  lua_newtable(L); /* those of the object */
  lua_newtable(L);
  for (const dt_field *f = op->params; f && f->name; f++) {
    if (f->flags & DT_HELD) {
      lua_pushstring(L, f->name);
      lua_rawseti(L, -3, ++held);
    }
    else
      of_sandbox |= dt_operations_is_handle(op, f);
    if (!dt_operations_is_argument(op, f))
      continue;
    lua_pushstring(L, f->name);
    lua_rawseti(L, -2, ++n);
  }
  lua_setfield(L, -3, "arguments");
  if (held > 0)
    lua_setfield(L, -2, "held");
  else
    lua_pop(L, 1);
  lua_pushboolean(L, of_sandbox);
  lua_setfield(L, -2, "of_sandbox");
  set_string(L, "member", op->member);
  set_string(L, "goal", op->goal);
  set_string(L, "paging", pagings[op->paging]);
  if (op->timeout > 0) {
    lua_pushnumber(L, op->timeout);
    lua_setfield(L, -2, "timeout");
  }
  if (op->result.name && op->result.type == DT_HANDLE &&
      op->result.many == DT_ONE && strcmp(op->result.name, "sandbox") == 0) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "is_self");
  }
}

/* The shapes that a walk is within: a shape may have itself as a part. */
typedef struct within {
  const struct within *outer;
  const dt_shape *shape;
} within;

static bool is_within(const within *w, const dt_shape *shape) {
  while (w && w->shape != shape)
    w = w->outer;
  return w != NULL;
}

static void push_fields(lua_State *L, const dt_field *fields, const within *w);

static void push_field(lua_State *L, const dt_field *f, const within *outer) {
  static const char *const many[] = {NULL, "list", "map"};
  static const char *const places[] = {
      "body", "path", "query", "form", "source", "sink", "call", "subprotocol"};
  luaL_checkstack(L, 8, NULL);
  lua_newtable(L);
  set_string(L, "name", f->name);
  set_string(L, "wire", dt_operations_wire_name(f));
  set_string(L, "type", dt_operations_type_name(f));
  set_string(L, "many", many[f->many]);
  set_string(L, "place", places[f->place]);
  set_string(L, "doc", f->doc);
  lua_pushboolean(L, (f->flags & DT_REQUIRED) != 0);
  lua_setfield(L, -2, "required");
  lua_pushboolean(L, (f->flags & DT_SECRET) != 0);
  lua_setfield(L, -2, "secret");
  if (f->flags & DT_BOUNDED) {
    lua_pushnumber(L, f->min);
    lua_setfield(L, -2, "min");
    lua_pushnumber(L, f->max);
    lua_setfield(L, -2, "max");
  }
  const dt_shape *shape = dt_operations_shape(f);
  if (shape)
    set_string(L, "shape", shape->name);
  if (shape && !is_within(outer, shape)) {
    within w = {outer, shape};
    push_fields(L, shape->fields, &w);
    lua_setfield(L, -2, "fields");
  }
}

static void push_fields(lua_State *L, const dt_field *fields, const within *w) {
  int n = 0;
  lua_newtable(L);
  for (const dt_field *f = fields; f && f->name; f++) {
    push_field(L, f, w);
    lua_rawseti(L, -2, ++n);
  }
}

static void push_row(lua_State *L, const dt_operation *op) {
  static const char *const bodies[] = {"json",     "upload", "uploads",  "raw",
                                       "download", "parts",  "websocket"};
  static const char *const plane_names[] = {"api", "toolbox", "elsewhere"};
  lua_newtable(L);
  set_string(L, "name", op->name);
  set_string(L, "method", op->method);
  set_string(L, "path", op->path);
  set_string(L, "plane", plane_names[op->plane]);
  set_string(L, "body", bodies[op->body]);
  set_string(L, "since", op->since);
  set_string(L, "doc", op->doc);
  set_string(L, "fails", op->fails);
  lua_pushboolean(L, op->flags & DT_IDEMPOTENT);
  lua_setfield(L, -2, "idempotent");
  lua_pushboolean(L, dt_operations_makes_method(op));
  lua_setfield(L, -2, "makes_method");
  dt_operations_set_method(L, op);
  push_fields(L, op->params, NULL);
  lua_setfield(L, -2, "params");
  if (op->result.name) {
    push_field(L, &op->result, NULL);
    lua_setfield(L, -2, "result");
  }
}

int dt_operations_push(lua_State *L) {
  int n = 0, local = lua_toboolean(L, 1);
  dt_walk walk = {0, 0};
  lua_newtable(L);
  for (const dt_operation *op; (op = dt_operations_next(&walk)) != NULL;) {
    if (op->path[0] == '\0' && !local)
      continue;
    push_row(L, op);
    lua_rawseti(L, -2, ++n);
  }
  push_fields(L, dt_operations_common, NULL);
  return 2;
}
