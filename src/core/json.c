#include "json.h"

#include <stdio.h>
#include <stdlib.h>

/* Registry keys. */
static const char decode_key;
static const char null_key; /* vim.NIL, a full userdata */

/* Replaces the message at the top by vim.json, if there is such a thing. */
static int find_vim_json(lua_State *L) {
  int top = lua_gettop(L);
  lua_getglobal(L, "vim");
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "NIL");
    lua_getfield(L, -2, "json");
    if (lua_istable(L, -1)) {
      lua_replace(L, top);
      dt_rawsetp(L, &null_key);
      lua_settop(L, top);
      return 1;
    }
  }
  lua_settop(L, top);
  return 0;
}

/* Calls a function of the table at the top, unless this copy lacks it. */
static int configure(lua_State *L, const char *name, int arguments) {
  lua_getfield(L, -1, name);
  if (!lua_isfunction(L, -1)) {
    lua_pop(L, 1);
    return 0;
  }
  if (arguments)
    lua_pushboolean(L, 0);
  lua_call(L, arguments, 1 - arguments);
  return 1;
}

void dt_json_open(lua_State *L) {
  int top = lua_gettop(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  if (lua_pcall(L, 1, 1, 0) != 0 && !find_vim_json(L))
    lua_error(L);
  if (configure(L, "new", 0)) /* its settings are then ours alone */
    configure(L, "decode_invalid_numbers", 1);
  lua_getfield(L, -1, "decode");
  dt_rawsetp(L, &decode_key);
  lua_settop(L, top);
}

int dt_json_decode(lua_State *L) {
  dt_rawgetp(L, &decode_key);
  lua_insert(L, -2);
  int status = lua_pcall(L, 1, 1, 0);
  if (status == LUA_ERRMEM)
    lua_error(L);
  return status == 0;
}

void dt_json_addstring(lua_State *L, int index, dt_buffer *out) {
  size_t n, start = 0;
  const char *s = lua_tolstring(L, index, &n);
  dt_buffer_addc(out, '"');
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)s[i];
    char escape[8];
    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    dt_buffer_add(out, s + start, i - start);
    start = i + 1;
    if (c < 0x20)
      snprintf(escape, sizeof escape, "\\u%04x", c);
    else
      snprintf(escape, sizeof escape, "\\%c", c);
    dt_buffer_adds(out, escape);
  }
  dt_buffer_add(out, s + start, n - start);
  dt_buffer_addc(out, '"');
}

/* Shortest of 15 to 17 digits that reads back as the same number; the host
** may have set a locale whose decimal point is a comma. */
static void format_double(char *text, size_t size, double n) {
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, size, "%.*g", digits, n);
    if (strtod(text, NULL) == n)
      break;
  }
  for (char *p = text; *p; p++)
    if ((*p < '0' || *p > '9') && *p != '-' && *p != '+' && *p != 'e')
      *p = '.';
}

/* Decimal digits of 'n', written backwards from 'end'; gives their start. */
static char *integer_text(char *end, long long n) {
  unsigned long long rest =
      n < 0 ? 0 - (unsigned long long)n : (unsigned long long)n;
  *--end = '\0';
  do {
    *--end = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (n < 0)
    *--end = '-';
  return end;
}

int dt_json_addnumber(lua_State *L, int index, dt_buffer *out) {
  char text[40];
  long long integer;
  if (dt_tointeger(L, index, &integer)) {
    dt_buffer_adds(out, integer_text(text + sizeof text, integer));
    return 1;
  }
  double n = (double)lua_tonumber(L, index);
  if (n != n || n - n != 0)
    return 0;
  format_double(text, sizeof text, n);
  dt_buffer_adds(out, text);
  return 1;
}

int dt_json_isnull(lua_State *L, int index) {
  int type = lua_type(L, index);
  if (type != LUA_TUSERDATA)
    return type == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == NULL;
  index = dt_absindex(L, index);
  dt_rawgetp(L, &null_key);
  int same = lua_rawequal(L, index, -1);
  lua_pop(L, 1);
  return same;
}
