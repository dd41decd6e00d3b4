/* Whether a Lua value is what a field of a row allows, and the message that
 * says where in the caller's table it is not. */
#include "encode_check.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "misuse.h"
#include "../../wire/utf8.h"

enum { SPOTS_SHOWN = 6 };

/* Pushes the names of the spots from the outermost in; of many, as in a cycle,
 * those at the ends. */
static void push_spot(lua_State *L, const dt_spot *spot) {
  const dt_spot *path[DT_ENCODE_DEPTH + 8];
  int n = 0;
  for (; spot->outer && n < DT_ENCODE_DEPTH + 7; spot = spot->outer)
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
  bool is_dots = strcmp(s, ".") == 0 || strcmp(s, "..") == 0;
  if ((field->flags & DT_NEW_ID) && (memchr(s, '/', n) || is_dots))
    dt_encode_complain(L, spot, "'%s' cannot be an id", s);
  if ((field->flags & DT_NEW_NAME) && is_dots)
    dt_encode_complain(L, spot, "'%s' cannot be a name", s);
  if ((field->flags & (DT_NEW_ID | DT_NEW_NAME)) && strpbrk(s, "\r\n"))
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
      if (!isfinite(n))
        dt_encode_complain(L, spot, "not a finite number");
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
