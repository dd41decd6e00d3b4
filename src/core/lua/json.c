#include "json.h"

#include <stdbool.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Registry keys. */
static const char library_key;
static const char decode_key;
static const char null_key; /* vim.NIL, a full userdata */

/* Replaces the message at the top by vim.json, if there is such a thing. */
static int find_vim_json(lua_State *L) {
  int top = lua_gettop(L);
  dt_rawgetglobal(L, "vim");
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "json");
    if (lua_istable(L, -1)) {
      lua_replace(L, top);
      lua_settop(L, top);
      return 1;
    }
  }
  lua_settop(L, top);
  return 0;
}

/* Neovim has a null of its own, whichever library reads the JSON. */
static void note_vim_null(lua_State *L) {
  dt_rawgetglobal(L, "vim");
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "NIL");
    dt_rawsetp(L, &null_key);
  }
  lua_pop(L, 1);
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

/* Takes a decoder of our own from the library at the top, which is popped. */
static void take_decoder(lua_State *L) {
  if (configure(L, "new", 0)) { /* its settings are then ours alone */
    configure(L, "decode_invalid_numbers", 1);
    lua_remove(L, -2);
  }
  lua_getfield(L, -1, "decode");
  dt_rawsetp(L, &decode_key);
  lua_pop(L, 1);
}

void dt_json_open(lua_State *L) {
  int top = lua_gettop(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  if (lua_pcall(L, 1, 1, 0) != 0 && !find_vim_json(L))
    lua_error(L);
  lua_pushvalue(L, -1);
  dt_rawsetp(L, &library_key);
  take_decoder(L);
  lua_settop(L, top);
  note_vim_null(L);
}

/* Replaces the text at the top by its value, or by a message. */
static int decode(lua_State *L) {
  dt_rawgetp(L, &decode_key);
  lua_insert(L, -2);
  int status = lua_pcall(L, 1, 1, 0);
  if (status == LUA_ERRMEM)
    lua_error(L);
  return status == 0;
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Whether the 'n' bytes of JSON can hold a number that a locale changes.  Where
 * the point of the moment is a comma, even one that a comma follows. */
static bool is_local(const char *s, size_t n) {
  const char *end = s + n, *p = s;
  if (strcmp(nl_langinfo(RADIXCHAR), ".") != 0)
    return 1;
  while ((p = memchr(p, '.', (size_t)(end - p))) != NULL) {
    if (p > s && is_digit(p[-1]) && p + 1 < end && is_digit(p[1]))
      return 1;
    p++;
  }
  return 0;
}

/* lua-cjson reads numbers by the locale of the moment at which somebody, in the
 * whole process, made a decoder: when the locale is another one by now it has
 * to be made again. */
static void follow_locale(lua_State *L) {
  lua_pushliteral(L, "1.5");
  int good = decode(L) && lua_tonumber(L, -1) == 1.5;
  lua_pop(L, 1);
  if (good)
    return;
  dt_rawgetp(L, &library_key);
  take_decoder(L);
}

/* The UTF-16 unit of an escape "\uXXXX", or -1. */
static int escaped_unit(const char *s, size_t n) {
  int unit = 0;
  if (n < 6 || s[0] != '\\' || s[1] != 'u')
    return -1;
  for (int i = 2; i < 6; i++) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *digit = s[i] ? strchr(digits, s[i]) : NULL;
    if (!digit)
      return -1;
    unit = unit * 16 + (int)(digit - digits) % 16;
  }
  return unit;
}

/* Makes U+FFFD of each half of a surrogate pair that stands alone in the 'n'
 * bytes of JSON; returns how many there were. */
static int mend_surrogates(char *s, size_t n) {
  int mended = 0;
  for (size_t i = 0; i + 1 < n; i++) {
    if (s[i] != '\\')
      continue;
    int unit = escaped_unit(s + i, n - i);
    int next = unit >= 0xd800 && unit <= 0xdbff
                   ? escaped_unit(s + i + 6, n - i - 6)
                   : -1;
    if (next >= 0xdc00 && next <= 0xdfff)
      i += 11;
    else if (unit >= 0xd800 && unit <= 0xdfff) {
      memcpy(s + i, "\\ufffd", 6);
      mended++;
      i += 5;
    }
    else
      i++;
  }
  return mended;
}

int dt_json_decode(lua_State *L) {
  size_t n;
  const char *s = lua_tolstring(L, -1, &n);
  if (is_local(s, n))
    follow_locale(L);
  if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0) {
    lua_pushlstring(L, s + 3, n - 3);
    lua_replace(L, -2);
    s = lua_tolstring(L, -1, &n);
  }
  lua_pushvalue(L, -1);
  if (decode(L)) {
    lua_remove(L, -2);
    return 1;
  }
  /* NestJS, for one, writes halves of what it has cut in two. */
  char *copy = lua_newuserdata(L, n + 1);
  memcpy(copy, s, n);
  if (mend_surrogates(copy, n) == 0) {
    lua_pop(L, 1);
    lua_remove(L, -2);
    return 0;
  }
  lua_pushlstring(L, copy, n);
  lua_replace(L, -4);
  lua_pop(L, 2);
  return decode(L);
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

void dt_json_number(char *text, size_t size, double n) {
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
  dt_json_number(text, sizeof text, n);
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
