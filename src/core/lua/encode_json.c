/* Typed and free Lua values -> JSON text. */
#include "encode.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "misuse.h"
#include "../../wire/utf8.h"

enum { MAX_DEPTH = 100, SPOTS_SHOWN = 6 };

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

/* Pushes the names of the spots from the outermost in; of many, as in a cycle,
 * those at the ends. */
static void push_spot(lua_State *L, const dt_spot *spot) {
  const dt_spot *path[MAX_DEPTH + 8];
  int n = 0;
  for (; spot->outer && n < MAX_DEPTH + 7; spot = spot->outer)
    path[n++] = spot;
  lua_pushfstring(L, "%s: ", spot->operation);
  for (int i = n - 1; i >= 0; i--) {
    if (n > SPOTS_SHOWN && i == n - SPOTS_SHOWN) {
      lua_pushliteral(L, "... ");
      i = 1; /* then the last */
    }
    else if (path[i]->field)
      lua_pushfstring(L, "field '%s': ", path[i]->field);
    else if (path[i]->key)
      lua_pushfstring(L, "key '%s': ", path[i]->key);
    else
      lua_pushfstring(L, "item %d: ", (int)path[i]->item);
    lua_concat(L, 2);
  }
}

int dt_encode_complain(lua_State *L, const dt_spot *spot, const char *format,
                       ...) {
  va_list arguments;
  luaL_checkstack(L, 8, NULL);
  push_spot(L, spot);
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_concat(L, 2);
  return dt_misuse(L, "%s", lua_tostring(L, -1));
}

/* A number that is no integer is shown; other values are not, they may be
 * secret. */
static int wrong_type(lua_State *L, const dt_spot *spot, const char *expected,
                      int index) {
  const char *got = dt_json_isnull(L, index) ? "null" : luaL_typename(L, index);
  if (lua_type(L, index) == LUA_TNUMBER && strcmp(expected, "integer") == 0) {
    lua_pushvalue(L, index);
    got = lua_tostring(L, -1);
  }
  else if (lua_type(L, index) == LUA_TNUMBER && strcmp(expected, "number") == 0)
    got = "NaN";
  return dt_encode_complain(L, spot, "%s expected, got %s", expected, got);
}

/* Whether nothing in it ends the host of a URL, or is not shown.  What names
 * there are is for others to know. */
static bool is_host(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f || strchr("/@?#\\", s[i]))
      return false;
  return true;
}

static void check_string(lua_State *L, const dt_spot *spot,
                         const dt_field *field, int index) {
  size_t n;
  if (lua_type(L, index) != LUA_TSTRING)
    wrong_type(L, spot, "string", index);
  const char *s = lua_tolstring(L, index, &n);
  if ((field->flags & DT_NONBLANK) && strspn(s, " \t\r\n\v\f") == n)
    dt_encode_complain(L, spot, "must not be blank");
  if ((field->flags & DT_NEW_ID) &&
      (memchr(s, '/', n) || strcmp(s, ".") == 0 || strcmp(s, "..") == 0))
    dt_encode_complain(L, spot, "'%s' cannot be an id", s);
  if ((field->flags & DT_NEW_ID) && strpbrk(s, "\r\n"))
    dt_encode_complain(L, spot, "contains CR or LF");
  if ((field->flags & DT_HOST) && !is_host(s, n))
    dt_encode_complain(L, spot,
                       "the name of a host expected, perhaps with a "
                       "port");
  if (field->place == DT_BODY || field->many == DT_MAP) {
    if (dt_utf8_prefix(s, n) < n)
      dt_encode_complain(L, spot, "not valid UTF-8");
  }
  else if (field->place != DT_SOURCE && memchr(s, '\0', n))
    dt_encode_complain(L, spot, "contains NUL");
  if ((field->place == DT_PATH || (field->flags & DT_LINE)) &&
      strpbrk(s, "\r\n"))
    dt_encode_complain(L, spot, "contains CR or LF");
}

/* One of a few strings; the message names them all: "'a', 'b' or 'c'". */
static void check_values(lua_State *L, const dt_spot *spot,
                         const dt_field *field, int index) {
  const char *const *values = dt_operations_values(field), *const *v = values;
  const char *s = lua_tostring(L, index);
  while (v && *v && strcmp(*v, s) != 0)
    v++;
  if (!v || *v)
    return;
  lua_pushfstring(L, "'%s'", values[0]);
  for (v = values + 1; *v; v++) {
    lua_pushfstring(L, v[1] ? ", '%s'" : " or '%s'", *v);
    lua_concat(L, 2);
  }
  dt_encode_complain(L, spot, "%s expected, got '%s'", lua_tostring(L, -1), s);
}

static void check_bounds(lua_State *L, const dt_spot *spot,
                         const dt_field *field, double n) {
  char bounds[80];
  if (!(field->flags & DT_BOUNDED) || (n >= field->min && n <= field->max))
    return;
  snprintf(bounds, sizeof bounds, "%.0f to %.0f", field->min, field->max);
  dt_encode_complain(L, spot, "out of range (%s)", bounds);
}

static void check_integer(lua_State *L, const dt_spot *spot,
                          const dt_field *field, int index) {
  long long n = 0;
  if (!dt_tointeger(L, index, &n)) {
    if (lua_type(L, index) != LUA_TNUMBER)
      wrong_type(L, spot, "integer", index);
    double value = (double)lua_tonumber(L, index);
    if (value >= DT_EXACT_LIMIT || value <= -DT_EXACT_LIMIT)
      check_bounds(L, spot, field, value);
    wrong_type(L, spot, "integer", index);
  }
  check_bounds(L, spot, field, (double)n);
}

void dt_encode_check(lua_State *L, const dt_spot *spot, const dt_field *field,
                     int index) {
  switch (field->type) {
    case DT_STRING:
      check_string(L, spot, field, index);
      check_values(L, spot, field, index);
      break;
    case DT_INTEGER:
      check_integer(L, spot, field, index);
      break;
    case DT_NUMBER: {
      if (lua_type(L, index) != LUA_TNUMBER)
        wrong_type(L, spot, "number", index);
      double n = (double)lua_tonumber(L, index);
      if (n != n)
        wrong_type(L, spot, "number", index);
      check_bounds(L, spot, field, n);
      break;
    }
    case DT_BOOLEAN:
      if (!lua_isboolean(L, index))
        wrong_type(L, spot, "boolean", index);
      break;
    case DT_FUNCTION:
      if (!lua_isfunction(L, index))
        wrong_type(L, spot, "function", index);
      break;
    default:
      break;
  }
}

/* A table whose metatable gives it other contents would be sent without them.
 */
static void refuse_proxy(lua_State *L, const dt_spot *spot, int index) {
  if (luaL_getmetafield(L, index, "__index") ||
      luaL_getmetafield(L, index, "__pairs"))
    dt_encode_complain(L, spot,
                       "plain table expected, got one with a metatable");
}

void dt_encode_check_table(lua_State *L, const dt_spot *spot, int index) {
  if (!lua_istable(L, index))
    wrong_type(L, spot, "table", index);
  refuse_proxy(L, spot, index);
}

size_t dt_encode_check_list(lua_State *L, const dt_spot *spot, int index) {
  dt_encode_check_table(L, spot, index);
  size_t keys = 0, n = dt_rawlen(L, index);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
    keys++;
  if (keys != n)
    dt_encode_complain(L, spot, "list expected, got a table with other keys");
  return n;
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
  refuse_proxy(L, spot, index);
  size_t n = dt_rawlen(L, index);
  int array = n > 0 || is_marked_array(L, index), first = 1;
  if (depth > MAX_DEPTH)
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
