#include "base64.h"

#include "../../wire/base64.h"

/* Pushes the text of the bytes at index 1. */
static int encode(lua_State *L, bool for_url) {
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  /* A userdata, for pushing the result may raise. */
  char *text = dt_newuserdata(L, dt_base64_encoded_size(n) + 1, 0);
  lua_pushlstring(L, text, dt_base64_encode(bytes, n, for_url, text));
  return 1;
}

/* core.base64_encode(bytes) -> text in one line, with padding */
static int core_base64_encode(lua_State *L) {
  return encode(L, false);
}

/* core.base64_encode_url(bytes) -> text in the alphabet of URLs, no padding */
static int core_base64_encode_url(lua_State *L) {
  return encode(L, true);
}

/* core.base64_decode(text) -> bytes, or nil if the text is not base64; white
 * space is ignored, and padding may be missing. */
static int core_base64_decode(lua_State *L) {
  size_t n, size;
  const char *text = luaL_checklstring(L, 1, &n);
  char *bytes = dt_newuserdata(L, dt_base64_decoded_size(n) + 1, 0);
  if (dt_base64_decode(text, n, false, bytes, &size))
    lua_pushlstring(L, bytes, size);
  else
    lua_pushnil(L);
  return 1;
}

static const luaL_Reg functions[] = {
    {"base64_encode", core_base64_encode},
    {"base64_encode_url", core_base64_encode_url},
    {"base64_decode", core_base64_decode},
    {NULL, NULL}};

void dt_base64_open(lua_State *L) {
  dt_setfuncs(L, functions, 0);
}
