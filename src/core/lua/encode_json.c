/* Typed and free Lua values -> JSON text. */
#include "encode.h"

#include <stdbool.h>

#include "json.h"

static const char array_key; /* registry: metatable of core.array's tables */

int dt_encode_array(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  dt_rawgetp(L, &array_key);
  if (lua_isnil(L, -1)) {
    lua_newtable(L);
    lua_pushliteral(L, "daytona.array");
    lua_setfield(L, -2, "__name");
    lua_pushvalue(L, -1);
    dt_rawsetp(L, &array_key);
    lua_remove(L, -2);
  }
  lua_setmetatable(L, 1);
  return 1;
}

static bool is_marked_array(lua_State *L, int index) {
  if (!lua_getmetatable(L, index))
    return false;
  dt_rawgetp(L, &array_key);
  int marked = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return marked;
}

/* Appends the fields of an object; keys not in the shape are refused. */
static void add_object(lua_State *L, const dt_spot *spot, const dt_shape *shape,
                       int index, dt_buffer *out) {
  int first = 1;
  dt_encode_check_table(L, spot, index);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    const char *name =
        lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
    if (!dt_operations_field(shape->fields, name))
      dt_encode_complain(L, spot, "unknown field '%s'", name);
  }
  dt_buffer_addc(out, '{');
  for (const dt_field *f = shape->fields; f->name; f++) {
    dt_spot here = {.outer = spot, .field = f->name};
    lua_getfield(L, index, f->name);
    if (!lua_isnil(L, -1)) {
      if (!first)
        dt_buffer_addc(out, ',');
      first = 0;
      dt_buffer_addc(out, '"');
      dt_buffer_adds(out, dt_operations_wire_name(f));
      dt_buffer_adds(out, "\":");
      dt_encode_json(L, &here, f, lua_gettop(L), out);
    }
    else if (f->flags & DT_REQUIRED)
      dt_encode_complain(L, &here, "required");
    lua_pop(L, 1);
  }
  dt_buffer_addc(out, '}');
}

static void add_scalar(lua_State *L, const dt_spot *spot, const dt_field *field,
                       int index, dt_buffer *out) {
  dt_encode_check(L, spot, field, index);
  switch (field->type) {
    case DT_STRING:
      dt_json_addstring(L, index, out);
      break;
    case DT_INTEGER:
    case DT_NUMBER:
      if (!dt_json_addnumber(L, index, out))
        dt_encode_complain(L, spot, "not a finite number");
      break;
    case DT_BOOLEAN:
      dt_buffer_adds(out, lua_toboolean(L, index) ? "true" : "false");
      break;
    case DT_OBJECT:
    case DT_HANDLE:
      add_object(L, spot, field->with.shape, index, out);
      break;
    default:
      dt_encode_any(L, spot, index, out);
      break;
    case DT_FUNCTION:
      break;
  }
}

static void add_list(lua_State *L, const dt_spot *spot, const dt_field *field,
                     int index, dt_buffer *out) {
  size_t n = dt_encode_check_list(L, spot, index);
  dt_buffer_addc(out, '[');
  for (size_t i = 1; i <= n; i++) {
    dt_spot here = {.outer = spot, .item = i};
    if (i > 1)
      dt_buffer_addc(out, ',');
    lua_rawgeti(L, index, (int)i);
    add_scalar(L, &here, field, lua_gettop(L), out);
    lua_pop(L, 1);
  }
  dt_buffer_addc(out, ']');
}

/* A map goes out as an object, or with DT_PAIRS as a list of one-key ones. */
static void add_map(lua_State *L, const dt_spot *spot, const dt_field *field,
                    int index, dt_buffer *out) {
  const char *open = field->flags & DT_PAIRS ? "[" : "{";
  const char *separator = field->flags & DT_PAIRS ? "},{" : ",";
  int pairs = (field->flags & DT_PAIRS) != 0, first = 1;
  dt_encode_check_table(L, spot, index);
  dt_buffer_adds(out, open);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    int top = lua_gettop(L);
    if (lua_type(L, top - 1) != LUA_TSTRING)
      dt_encode_complain(L, spot, "keys must be strings, got %s",
                         luaL_typename(L, top - 1));
    dt_spot here = {.outer = spot, .key = lua_tostring(L, top - 1)};
    dt_field key = {.type = DT_STRING, .many = DT_MAP};
    dt_encode_check(L, &here, &key, top - 1);
    dt_buffer_adds(out, first ? (pairs ? "{" : "") : separator);
    first = 0;
    dt_json_addstring(L, top - 1, out);
    dt_buffer_addc(out, ':');
    add_scalar(L, &here, field, top, out);
  }
  dt_buffer_adds(out, pairs ? (first ? "]" : "}]") : "}");
}

void dt_encode_json(lua_State *L, const dt_spot *spot, const dt_field *field,
                    int index, dt_buffer *out) {
  luaL_checkstack(L, 10, "arguments nested too deep");
  if (field->many == DT_LIST)
    add_list(L, spot, field, index, out);
  else if (field->many == DT_MAP)
    add_map(L, spot, field, index, out);
  else
    add_scalar(L, spot, field, index, out);
}

static void add_any(lua_State *L, const dt_spot *spot, int index,
                    dt_buffer *out, int depth);

static void add_any_table(lua_State *L, const dt_spot *spot, int index,
                          dt_buffer *out, int depth) {
  dt_encode_check_table(L, spot, index);
  size_t n = dt_rawlen(L, index);
  int array = n > 0 || is_marked_array(L, index), first = 1;
  if (depth > DT_ENCODE_DEPTH)
    dt_encode_complain(L, spot, "nested too deep (is there a cycle?)");
  luaL_checkstack(L, 10, "arguments nested too deep");
  if (array) {
    dt_encode_check_list(L, spot, index);
    dt_buffer_addc(out, '[');
    for (size_t i = 1; i <= n; i++) {
      dt_spot here = {.outer = spot, .item = i};
      if (i > 1)
        dt_buffer_addc(out, ',');
      lua_rawgeti(L, index, (int)i);
      add_any(L, &here, lua_gettop(L), out, depth + 1);
      lua_pop(L, 1);
    }
    dt_buffer_addc(out, ']');
    return;
  }
  dt_buffer_addc(out, '{');
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    int top = lua_gettop(L);
    if (lua_type(L, top - 1) != LUA_TSTRING)
      dt_encode_complain(L, spot, "keys must be strings, got %s",
                         luaL_typename(L, top - 1));
    dt_spot here = {.outer = spot, .key = lua_tostring(L, top - 1)};
    if (!first)
      dt_buffer_addc(out, ',');
    first = 0;
    add_any(L, &here, top - 1, out, depth);
    dt_buffer_addc(out, ':');
    add_any(L, &here, top, out, depth + 1);
  }
  dt_buffer_addc(out, '}');
}

static void add_any(lua_State *L, const dt_spot *spot, int index,
                    dt_buffer *out, int depth) {
  dt_field text = {.type = DT_STRING, .place = DT_BODY};
  switch (lua_type(L, index)) {
    case LUA_TSTRING:
      dt_encode_check(L, spot, &text, index);
      dt_json_addstring(L, index, out);
      break;
    case LUA_TNUMBER:
      if (!dt_json_addnumber(L, index, out))
        dt_encode_complain(L, spot, "not a finite number");
      break;
    case LUA_TBOOLEAN:
      dt_buffer_adds(out, lua_toboolean(L, index) ? "true" : "false");
      break;
    case LUA_TTABLE:
      add_any_table(L, spot, index, out, depth);
      break;
    default:
      if (!dt_json_isnull(L, index))
        dt_encode_complain(L, spot, "a %s cannot be JSON",
                           luaL_typename(L, index));
      dt_buffer_adds(out, "null");
  }
}

void dt_encode_any(lua_State *L, const dt_spot *spot, int index,
                   dt_buffer *out) {
  add_any(L, spot, index, out, 0);
}
