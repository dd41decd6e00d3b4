/* daytona.preload: loads libcurl with lazy binding, before daytona.core needs
 * it.  Lua loads C modules with RTLD_NOW, which binds every function of every
 * library they depend on: with libcurl's thirty libraries that is 3.4 of 26
 * million instructions of a start.  What is loaded already stays lazy.
 * Nothing depends on this module; without it daytona.core only starts slower.
 */
#include <dlfcn.h>

#include <lua.h>

__attribute__((visibility("default"))) int
luaopen_daytona_preload(lua_State *L);

int luaopen_daytona_preload(lua_State *L) {
  lua_pushboolean(L, dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL) != NULL);
  return 1;
}
