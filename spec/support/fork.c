/* A module for the specs: what luaposix and prefork servers do. */
#include <lauxlib.h>
#include <lua.h>
#include <sys/wait.h>
#include <unistd.h>

/* fork.fork() -> 0 in the child, its pid in the parent */
static int fork_fork(lua_State *L) {
  lua_pushinteger(L, fork());
  return 1;
}

/* fork.wait(pid) -> exit status */
static int fork_wait(lua_State *L) {
  int status = 0;
  waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0);
  lua_pushinteger(L, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  return 1;
}

/* fork.exit(status): without finalizers */
static int fork_exit(lua_State *L) {
  _exit((int)luaL_checkinteger(L, 1));
}

int luaopen_spec_fork(lua_State *L);

int luaopen_spec_fork(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, fork_fork);
  lua_setfield(L, -2, "fork");
  lua_pushcfunction(L, fork_wait);
  lua_setfield(L, -2, "wait");
  lua_pushcfunction(L, fork_exit);
  lua_setfield(L, -2, "exit");
  return 1;
}
