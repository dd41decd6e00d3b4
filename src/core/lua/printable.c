#include "printable.h"

/* Bytes of the control character that begins at 's', 0 if it is none. */
static size_t control(const unsigned char *s, size_t left, int keep_lines) {
  if (s[0] < ' ')
    return keep_lines && (s[0] == '\n' || s[0] == '\t') ? 0 : 1;
  if (s[0] == 0x7F)
    return 1;
  return left > 1 && s[0] == 0xC2 && s[1] >= 0x80 && s[1] < 0xA0 ? 2 : 0;
}

void dt_printable_push(lua_State *L, int index, int keep_lines) {
  size_t n, from = 0;
  index = dt_absindex(L, index);
  const char *text = lua_tolstring(L, index, &n);
  luaL_Buffer b;
  size_t i = 0;
  while (i < n &&
         control((const unsigned char *)text + i, n - i, keep_lines) == 0)
    i++;
  if (i == n) {
    lua_pushvalue(L, index);
    return;
  }
  luaL_buffinit(L, &b);
  while (i < n) {
    size_t width = control((const unsigned char *)text + i, n - i, keep_lines);
    if (width > 0) {
      luaL_addlstring(&b, text + from, i - from);
      luaL_addchar(&b, '?');
      from = i + width;
    }
    i += width > 0 ? width : 1;
  }
  luaL_addlstring(&b, text + from, n - from);
  luaL_pushresult(&b);
}

int dt_printable(lua_State *L) {
  luaL_checkstring(L, 1);
  dt_printable_push(L, 1, lua_toboolean(L, 2));
  return 1;
}
