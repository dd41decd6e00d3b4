#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sha256.h"

#define DIRECTORY_TYPE "daytona.core.directory"

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
  lua_createtable(L, 0, 3);
  lua_pushstring(L, S_ISREG(st->st_mode)   ? "file"
                    : S_ISDIR(st->st_mode) ? "directory"
                    : S_ISLNK(st->st_mode) ? "link"
                                           : "other");
  lua_setfield(L, -2, "type");
  dt_pushinteger(L, (long long)(st->st_mode & 07777));
  lua_setfield(L, -2, "mode");
  dt_pushinteger(L, (long long)st->st_size);
  lua_setfield(L, -2, "size");
}

/* core.file_info(path [, link]) -> { type, mode, size } or nil and a message;
** with 'link' of a symbolic link itself.  A file that cannot be read is a
** failure. */
static int core_file_info(lua_State *L) {
  const char *path = check_path(L, 1);
  struct stat st;
  int link = lua_toboolean(L, 2);
  if ((link ? lstat(path, &st) : stat(path, &st)) != 0)
    return fail(L, errno);
  if (S_ISREG(st.st_mode) && access(path, R_OK) != 0)
    return fail(L, errno);
  push_stat(L, &st);
  return 1;
}

static int directory__gc(lua_State *L) {
  DIR **d = lua_touserdata(L, 1);
  if (*d)
    closedir(*d);
  *d = NULL;
  return 0;
}

/* core.list_directory(path) -> names in no order, or nil and a message */
static int core_list_directory(lua_State *L) {
  const char *path = check_path(L, 1);
  DIR **d = dt_newuserdata(L, sizeof *d, 0);
  *d = NULL;
  luaL_getmetatable(L, DIRECTORY_TYPE);
  lua_setmetatable(L, -2);
  *d = opendir(path);
  if (!*d)
    return fail(L, errno);
  lua_newtable(L);
  for (int i = 0;;) {
    errno = 0;
    struct dirent *entry = readdir(*d);
    if (!entry)
      break;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    lua_pushstring(L, entry->d_name);
    lua_rawseti(L, -2, ++i);
  }
  int error = errno;
  closedir(*d);
  *d = NULL;
  return error ? fail(L, error) : 1;
}

/* core.make_directory(path) -> whether it was made and not there already; nil
** and a message if it is neither.  A symbolic link is no directory. */
static int core_make_directory(lua_State *L) {
  const char *path = check_path(L, 1);
  struct stat st;
  int made = mkdir(path, 0777) == 0;
  if (!made && errno != EEXIST)
    return fail(L, errno);
  if (lstat(path, &st) != 0)
    return fail(L, errno);
  if (!S_ISDIR(st.st_mode))
    return fail(L, ENOTDIR);
  lua_pushboolean(L, made);
  return 1;
}

/* core.set_mode(path, mode) -> true, or nil and a message */
static int core_set_mode(lua_State *L) {
  const char *path = check_path(L, 1);
  int mode = (int)luaL_checkinteger(L, 2);
  if (chmod(path, (mode_t)mode & 07777) != 0)
    return fail(L, errno);
  lua_pushboolean(L, 1);
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

/* core.is_terminal(fd) */
static int core_is_terminal(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

static const luaL_Reg functions[] = {{"file_info", core_file_info},
                                     {"list_directory", core_list_directory},
                                     {"make_directory", core_make_directory},
                                     {"set_mode", core_set_mode},
                                     {"sha256", core_sha256},
                                     {"is_terminal", core_is_terminal},
                                     {NULL, NULL}};

void dt_files_open(lua_State *L) {
  dt_setfuncs(L, functions, 0);
  luaL_newmetatable(L, DIRECTORY_TYPE);
  lua_pushcfunction(L, directory__gc);
  lua_setfield(L, -2, "__gc");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
