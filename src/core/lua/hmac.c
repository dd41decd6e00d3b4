#include "hmac.h"

#include <string.h>

#include "lua_compat.h"
#include "../bytes/sha256.h"

enum { BLOCK = 64 };

/* The bytes of the digest of 'pad', each byte of the key changed by it, and of
 * what follows. */
static void half(const unsigned char key[BLOCK], unsigned char pad,
                 const void *bytes, size_t n,
                 unsigned char out[DT_SHA256_BYTES]) {
  unsigned char block[BLOCK];
  dt_sha256 s;
  for (int i = 0; i < BLOCK; i++)
    block[i] = key[i] ^ pad;
  dt_sha256_init(&s);
  dt_sha256_update(&s, block, sizeof block);
  dt_sha256_update(&s, bytes, n);
  dt_sha256_bytes(&s, out);
}

/* core.hmac_sha256(key, text) -> 32 bytes (RFC 2104) */
static int core_hmac_sha256(lua_State *L) {
  size_t key_length, n;
  const char *key = luaL_checklstring(L, 1, &key_length);
  const char *text = luaL_checklstring(L, 2, &n);
  unsigned char block[BLOCK] = {0}, digest[DT_SHA256_BYTES];
  if (key_length <= BLOCK)
    memcpy(block, key, key_length);
  else {
    dt_sha256 s;
    dt_sha256_init(&s);
    dt_sha256_update(&s, key, key_length);
    dt_sha256_bytes(&s, block);
  }
  half(block, 0x36, text, n, digest);
  half(block, 0x5c, digest, sizeof digest, digest);
  lua_pushlstring(L, (const char *)digest, sizeof digest);
  return 1;
}

static const luaL_Reg functions[] = {{"hmac_sha256", core_hmac_sha256},
                                     {NULL, NULL}};

void dt_hmac_open(lua_State *L) {
  dt_setfuncs(L, functions, 0);
}
