/* luaopen_daytona_core: registration, nothing else. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base64.h"
#include "calls.h"
#include "client.h"
#include "client_methods.h"
#include "decode.h"
#include "demultiplexer.h"
#include "../flow/effect.h"
#include "encode.h"
#include "failure.h"
#include "files.h"
#include "hmac.h"
#include "json.h"
#include "methods.h"
#include "misuse.h"
#include "operations.h"
#include "preconnect.h"
#include "printable.h"
#include "request_methods.h"
#include "sandbox.h"
#include "secrets.h"
#include "terminal.h"
#include "tree.h"
#include "websocket_methods.h"
#include "../../wire/utf8.h"

/* core.now() -> seconds of a clock that only goes forward */
static int core_now(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
  return 1;
}

/* core.random() -> number in [0, 1), independent of math.random's state */
static int core_random(lua_State *L) {
  unsigned n = 0;
  if (getrandom(&n, sizeof n, 0) != (ssize_t)sizeof n)
    return luaL_error(L, "no random numbers");
  lua_pushnumber(L, (lua_Number)n / 4294967296.0);
  return 1;
}

/* core.process_id() -> number, another one after a fork */
static int core_process_id(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)getpid());
  return 1;
}

/* core.pause(seconds): sleeps at most a quarter of a second, so that the loop
 * around it stays interruptible. */
static int core_pause(lua_State *L) {
  double seconds = (double)luaL_checknumber(L, 1);
  if (!(seconds > 0))
    return 0;
  seconds = seconds < 0.25 ? seconds : 0.25;
  struct timespec t = {.tv_nsec = (long)(seconds * 1e9)};
  nanosleep(&t, NULL);
  return 0;
}

/* core.is_utf8(string): whether all of it is valid UTF-8 */
static int core_is_utf8(lua_State *L) {
  size_t n;
  const char *s = luaL_checklstring(L, 1, &n);
  lua_pushboolean(L, dt_utf8_prefix(s, n) == n);
  return 1;
}

/* core.reads(operation) -> whether the operation changes nothing */
static int core_reads(lua_State *L) {
  const dt_operation *op = dt_operations_find(luaL_checkstring(L, 1));
  lua_pushboolean(L, op && dt_effect_row_reads(op, op->method));
  return 1;
}

static const luaL_Reg functions[] = {
    {"client", dt_client_new},
    {"is_loopback", dt_client_is_loopback},
    {"reads", core_reads},
    {"operations", dt_operations_push},
    {"methods", dt_methods_push},
    {"method", dt_methods_describe},
    {"areas", dt_methods_areas},
    {"secrets", dt_secrets_push},
    {"error_metatable", dt_failure_metatable},
    {"array", dt_encode_array},
    {"check", dt_encode_check_params},
    {"encode", dt_encode_value},
    {"decode", dt_decode_value},
    {"misuse", dt_misuse_raise},
    {"set_library", dt_misuse_set_library},
    {"nearest", dt_operations_nearest_key},
    {"sandbox_field", dt_operations_sandbox_field},
    {"now", core_now},
    {"random", core_random},
    {"pause", core_pause},
    {"process_id", core_process_id},
    {"is_utf8", core_is_utf8},
    {"printable", dt_printable},
    {NULL, NULL}};

__attribute__((visibility("default"))) int luaopen_daytona_core(lua_State *L);

/* Raises where this is built for another Lua than the one that loads it, as far
 * as that was not found out before, or where libcurl lacks what is used. */
static void check_surroundings(lua_State *L) {
#if LUA_VERSION_NUM >= 502
  luaL_checkversion(L);
#endif
  const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
  if (curl->version_num < DT_CURL_OLDEST)
    luaL_error(L,
               "libcurl %s is too old: install libcurl " DT_CURL_OLDEST_NAME
               " or newer",
               curl->version);
}

/* Keeps this code in the process when the state is closed: a resolver that
 * libcurl has left behind may still return to it. The linker's -z nodelete is
 * not to be had by LuaRocks. */
static void stay_loaded(void) {
  Dl_info here;
  if (dladdr(functions, &here) && here.dli_fname)
    dlopen(here.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

int luaopen_daytona_core(lua_State *L) {
  check_surroundings(L);
  stay_loaded();
  dt_json_open(L);
  lua_newtable(L);
  dt_setfuncs(L, functions, 0);
  dt_calls_open(L);
  dt_files_open(L);
  dt_base64_open(L);
  dt_hmac_open(L);
  dt_tree_open(L);
  dt_demultiplexer_open(L);
  dt_client_open(L);
  dt_request_open(L);
  dt_preconnect_open(L);
  dt_websocket_open(L);
  dt_sandbox_open(L);
  dt_terminal_open(L);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  return 1;
}
