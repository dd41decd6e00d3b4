/* Runs each scenario of sweep_scenarios.lua again and again, with its k-th
 * allocation failing, k = 0, 1, 2 ... until none fails any more.  Whatever
 * happens: no crash, no wrong result, nothing left behind by lua_close.
 *
 *   alloc_sweep LUA_DIRECTORY SCENARIOS WORK_DIRECTORY [NAME]
 *
 * SWEEP_STRIDE=n in the environment: only each n-th allocation fails.
 */
#define SWEEP_REAL
#include "sweep_alloc.h"

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sweep_memory.h"
#include "sweep_server.h"

int luaopen_daytona_core(lua_State *L);

enum { MAX_SECONDS = 120 /* of one scenario in one mode, on a busy machine */ };

static const struct mode {
  const char *name;
  gate *gate;
  int onwards;
} modes[] = {{"lua once", &lua_memory, 0},
             {"lua onwards", &lua_memory, 1},
             {"core", &core_memory, 0},
             {"libcurl", &curl_memory, 0}};
enum { MODES = sizeof modes / sizeof modes[0] };

static const char *lua_directory, *scenarios, *work_directory;
static char url[64];
static char where[256]; /* for those who come after a crash */

/* A state with the libraries, the core and the table of scenarios on top;
 * NULL, with a message printed, if that cannot be. */
static lua_State *new_state(void) {
  lua_State *L = lua_newstate(sweep_lua, NULL);
  if (!L)
    return NULL;
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_pushfstring(L, "%s/?.lua;%s/?/init.lua", lua_directory, lua_directory);
  lua_setfield(L, -2, "path");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_daytona_core);
  lua_setfield(L, -2, "daytona.core");
  lua_pop(L, 2);
  if (luaL_loadfile(L, scenarios) == 0 && lua_pcall(L, 0, 1, 0) == 0)
    return L;
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return NULL;
}

/* Whether the error at the top may come from memory that was refused.  Where
 * Lua got none, saying anything else would be wrong; where C got none in the
 * middle of a transfer, the library may say so by its error object. */
static int is_expected(lua_State *L, int status, const struct mode *mode) {
  if (status == LUA_ERRMEM)
    return mode->gate == &lua_memory;
  if (lua_istable(L, -1))
    return mode->gate != &lua_memory;
  const char *message = lua_tostring(L, -1);
  return message && (strstr(message, "not enough memory") ||
                     strstr(message, "Out of memory"));
}

/* Prints what went wrong, with the error at the top. */
static int complain(lua_State *L, const char *what) {
  const char *message = lua_tostring(L, -1);
  if (!message && luaL_getmetafield(L, -1, "__tostring")) {
    lua_pushvalue(L, -2);
    message = lua_pcall(L, 1, 1, 0) == 0 ? lua_tostring(L, -1) : NULL;
  }
  fprintf(stderr, "FAIL %s: %s: %s\n", where, what,
          message ? message : luaL_typename(L, -1));
  return 0;
}

/* Setup, run with the k-th allocation failing, after; returns whether all was
 * well.  The table of scenarios is at 1. */
static int play(lua_State *L, int scenario, const struct mode *mode, long k) {
  lua_rawgeti(L, 1, scenario);
  lua_getfield(L, 2, "setup");
  lua_pushstring(L, url);
  lua_pushstring(L, work_directory);
  if (lua_pcall(L, 2, 1, 0) != 0)
    return complain(L, "setup");
  lua_getfield(L, 2, "run");
  lua_pushvalue(L, 3);
  mode->gate->fired = 0;
  mode->gate->onwards = mode->onwards;
  mode->gate->left = k;
  int status = lua_pcall(L, 1, 0, 0);
  mode->gate->left = -1;
  if (status != 0 && (!mode->gate->fired || !is_expected(L, status, mode)))
    return complain(L, "run");
  lua_settop(L, 3);
  lua_getfield(L, 2, "after");
  if (lua_isnil(L, -1))
    return 1;
  lua_pushvalue(L, 3);
  return lua_pcall(L, 1, 0, 0) == 0 || complain(L, "after");
}

/* Entries of a directory; of the work directory only what should not be
 * there. */
static int count_entries(const char *path) {
  int count = 0;
  DIR *d = opendir(path);
  for (struct dirent *e; d && (e = readdir(d)) != NULL;)
    if (strcmp(e->d_name, "out.bin") != 0 &&
        strcmp(e->d_name, "source.bin") != 0)
      count++;
  if (d)
    closedir(d);
  return count;
}

typedef struct inventory {
  long lua, core, curl;
  int descriptors, files;
} inventory;

static inventory take_inventory(void) {
  return (inventory){lua_memory.live, core_memory.live, curl_memory.live,
                     count_entries("/proc/self/fd"),
                     count_entries(work_directory)};
}

/* Whether there is what there was before.  A resolver's thread that nobody
 * waits for may take a moment to give back what it has. */
static int is_same(const inventory *before) {
  inventory now = take_inventory();
  for (int i = 0; i < 1000; i++) {
    if (memcmp(before, &now, sizeof now) == 0)
      return 1;
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    now = take_inventory();
  }
  fprintf(stderr,
          "FAIL %s: left behind: %ld bytes of Lua, %ld blocks of the core, "
          "%ld of libcurl, %d descriptors, %d files\n",
          where, now.lua - before->lua, now.core - before->core,
          now.curl - before->curl, now.descriptors - before->descriptors,
          now.files - before->files);
  return 0;
}

static int get_stride(lua_State *L, int scenario) {
  lua_rawgeti(L, 1, scenario);
  lua_getfield(L, -1, "stride");
  int stride = lua_isnil(L, -1) ? 1 : (int)lua_tointeger(L, -1);
  const char *all = getenv("SWEEP_STRIDE");
  lua_pop(L, 2);
  return all ? stride * atoi(all) : stride;
}

/* One scenario in one mode; returns the exit status of the child. */
static int sweep(const char *name, int scenario, const struct mode *mode) {
  int wrong = 0;
  for (long k = 0; wrong < 5; k++) {
    snprintf(where, sizeof where, "%s, %s, k = %ld", name, mode->name, k);
    inventory before = take_inventory();
    lua_State *L = new_state();
    if (!L)
      return 1;
    int stride = get_stride(L, scenario);
    wrong += !play(L, scenario, mode, k);
    k += stride - 1;
    lua_close(L);
    wrong += !is_same(&before);
    if (!mode->gate->fired)
      break;
  }
  return wrong > 0;
}

static void on_alarm(int signal_number) {
  static const char text[] = "FAIL: it hangs: ";
  (void)signal_number;
  if (write(2, text, sizeof text - 1) < 0 || write(2, where, strlen(where)) < 0)
    _exit(3);
  _exit(2);
}

/* The same in a process of its own, so that a crash is one failure. */
static int run_apart(const char *name, int scenario, const struct mode *mode) {
  int status = 0;
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    signal(SIGALRM, on_alarm);
    alarm(MAX_SECONDS);
    exit(sweep(name, scenario, mode));
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid)
    return 0;
  if (status != 0)
    fprintf(stderr, "FAIL %s, %s (status %x)\n", name, mode->name,
            (unsigned)status);
  return status == 0;
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>

const char *__asan_default_options(void);

/* What we own is counted here.  Debian's lua-cjson loses a buffer whenever Lua
 * has no memory for what it decodes; that is not ours to report. */
const char *__asan_default_options(void) {
  return "detect_leaks=0";
}

static void say_where(void) {
  fprintf(stderr, "FAIL: it crashed: %s\n", where);
}
#endif

/* What is allocated once in a process, and modules that dlclose would unload
 * with every state, must be there before the first count. */
static lua_State *prepare(void) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_set_death_callback(say_where);
#endif
  int port = sweep_server_start();
  snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
  if (port < 0 || sweep_init_curl() != 0)
    return NULL;
  lua_State *L = new_state();
  if (L && luaL_loadstring(L, "require 'cjson' require 'daytona'") == 0 &&
      lua_pcall(L, 0, 0, 0) == 0)
    return L;
  if (L)
    complain(L, "the library cannot be loaded");
  return NULL;
}

int main(int argc, char **argv) {
  int passed = 0, failed = 0;
  if (argc < 4)
    return fprintf(stderr, "three arguments are needed\n"), 2;
  lua_directory = argv[1];
  scenarios = argv[2];
  work_directory = argv[3];
  lua_State *L = prepare();
  if (!L)
    return 2;
  for (int i = 1; lua_rawgeti(L, 1, i), !lua_isnil(L, -1); i++) {
    lua_getfield(L, -1, "name");
    const char *name = lua_tostring(L, -1);
    for (int m = 0; m < MODES && (!argv[4] || strstr(name, argv[4])); m++) {
      int ok = run_apart(name, i, &modes[m]);
      passed += ok;
      failed += !ok;
    }
    lua_settop(L, 1);
  }
  printf("%d passed, %d failed, 0 skipped\n", passed, failed);
  return failed > 0;
}
