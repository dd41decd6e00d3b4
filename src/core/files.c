#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lualib.h>

#include "sha256.h"

/* Pushes nil and what the errno means. */
static int fail(lua_State *L, int error) {
  lua_pushnil(L);
  lua_pushstring(L, strerror(error));
  return 2;
}

/* The path at 'index'; raises if it holds a NUL. */
static const char *check_path(lua_State *L, int index) {
  size_t n;
  const char *path = luaL_checklstring(L, index, &n);
  luaL_argcheck(L, strlen(path) == n, index, "contains NUL");
  return path;
}

/* Pushes a table of what is worth knowing of a file. */
static void push_stat(lua_State *L, const struct stat *st) {
  lua_createtable(L, 0, 2);
  lua_pushstring(L, S_ISREG(st->st_mode)   ? "file"
                    : S_ISDIR(st->st_mode) ? "directory"
                                           : "other");
  lua_setfield(L, -2, "type");
  dt_pushinteger(L, (long long)st->st_size);
  lua_setfield(L, -2, "size");
}

/* core.file_info(path) -> { type, size } or nil and a message.  A file that
** cannot be read is a failure. */
static int core_file_info(lua_State *L) {
  const char *path = check_path(L, 1);
  struct stat st;
  if (stat(path, &st) != 0)
    return fail(L, errno);
  if (S_ISREG(st.st_mode) && access(path, R_OK) != 0)
    return fail(L, errno);
  push_stat(L, &st);
  return 1;
}

/* core.sha256(string) -> hexadecimal */
static int core_sha256(lua_State *L) {
  size_t n;
  const char *s = luaL_checklstring(L, 1, &n);
  char hex[DT_SHA256_HEX + 1];
  dt_sha256 sum;
  dt_sha256_init(&sum);
  dt_sha256_update(&sum, s, n);
  dt_sha256_hex(&sum, hex);
  lua_pushstring(L, hex);
  return 1;
}

/* core.is_terminal(file): whether a file of Lua's io library, which must be
** open, is a terminal */
static int core_is_terminal(lua_State *L) {
  FILE **file = dt_testudata(L, 1, LUA_FILEHANDLE);
  lua_pushboolean(L, file && *file && isatty(fileno(*file)));
  return 1;
}

static const luaL_Reg functions[] = {{"file_info", core_file_info},
                                     {"sha256", core_sha256},
                                     {"is_terminal", core_is_terminal},
                                     {NULL, NULL}};

void dt_files_open(lua_State *L) {
  dt_setfuncs(L, functions, 0);
}
