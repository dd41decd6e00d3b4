#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lualib.h>

#include "../bytes/beneath.h"
#include "../bytes/sha256.h"

int dt_files_fail(lua_State *L, int error) {
  lua_pushnil(L);
  lua_pushstring(L, strerror(error));
  return 2;
}

const char *dt_files_check_path(lua_State *L, int index) {
  size_t n;
  const char *path = luaL_checklstring(L, index, &n);
  luaL_argcheck(L, strlen(path) == n, index, "contains NUL");
  return path;
}

/* Pushes a table of what is worth knowing of a file. */
static void push_stat(lua_State *L, const struct stat *st) {
  lua_createtable(L, 0, 3);
  lua_pushstring(L, S_ISREG(st->st_mode)   ? "file"
                    : S_ISDIR(st->st_mode) ? "directory"
                                           : "other");
  lua_setfield(L, -2, "type");
  dt_pushinteger(L, (long long)st->st_size);
  lua_setfield(L, -2, "size");
  dt_pushinteger(L, (long long)(st->st_mode & 0777));
  lua_setfield(L, -2, "mode");
}

/* What 'path' below 'beneath' is, if it can be read; returns 0 or an errno. */
static int stat_beneath(const char *beneath, const char *path,
                        struct stat *st) {
  int fd = dt_beneath_open(beneath, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return errno;
  int error = fstat(fd, st) != 0 ? errno : 0;
  close(fd);
  return error;
}

/* core.file_info(path, beneath) -> { type, size, mode } or nil and a message: a
 * file that cannot be read is a failure.  With 'beneath' the path is relative
 * to that directory, and no symbolic link below it is followed. */
static int core_file_info(lua_State *L) {
  const char *path = dt_files_check_path(L, 1);
  struct stat st;
  int error = 0;
  if (!lua_isnoneornil(L, 2))
    error = stat_beneath(dt_files_check_path(L, 2), path, &st);
  else if (stat(path, &st) != 0 ||
           (S_ISREG(st.st_mode) && access(path, R_OK) != 0))
    error = errno;
  if (error)
    return dt_files_fail(L, error);
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
 * open, is a terminal */
static int core_is_terminal(lua_State *L) {
  FILE **file = dt_testudata(L, 1, LUA_FILEHANDLE);
  lua_pushboolean(L, file && *file && isatty(fileno(*file)));
  return 1;
}

/* core.absolute(path) -> the path from the root on, by the working directory of
 * this moment; as it is where that is absolute, empty, or cannot be said */
static int core_absolute(lua_State *L) {
  char here[PATH_MAX];
  const char *path = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  if (path[0] == '/' || path[0] == '\0' || !getcwd(here, sizeof here) ||
      here[0] != '/')
    return 1;
  lua_pushfstring(L, "%s%s", here, here[1] ? "/" : "");
  lua_insert(L, 1);
  lua_concat(L, 2);
  return 1;
}

static const luaL_Reg functions[] = {{"file_info", core_file_info},
                                     {"absolute", core_absolute},
                                     {"sha256", core_sha256},
                                     {"is_terminal", core_is_terminal},
                                     {NULL, NULL}};

void dt_files_open(lua_State *L) {
  dt_setfuncs(L, functions, 0);
}
