#include "tree.h"

#include <stdbool.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bytes/beneath.h"
#include "class.h"
#include "files.h"

/* A directory that is being read. */
typedef struct directory {
  DIR *stream;
} directory;

static const dt_class directory_class;

static int directory__gc(lua_State *L) {
  directory *d = dt_class_check(L, 1, &directory_class);
  if (d->stream)
    closedir(d->stream);
  d->stream = NULL;
  return 0;
}

static const luaL_Reg directory_metamethods[] = {{"__gc", directory__gc},
                                                 {NULL, NULL}};

static const dt_class directory_class = {"daytona.directory"};

/* Opens 'relative' below 'root'; returns 0 or an errno. */
static int open_directory(directory *d, const char *root,
                          const char *relative) {
  int fd = dt_beneath_open(root, relative, O_RDONLY | O_DIRECTORY);
  if (fd < 0)
    return errno;
  d->stream = fdopendir(fd);
  if (d->stream)
    return 0;
  int error = errno;
  close(fd);
  return error;
}

static const char *type_name(mode_t mode) {
  return S_ISREG(mode)   ? "file"
         : S_ISDIR(mode) ? "directory"
         : S_ISLNK(mode) ? "link"
                         : "other";
}

/* Pushes { name, type, size, mode } of an entry. */
static void push_entry(lua_State *L, const char *name, const struct stat *st) {
  lua_createtable(L, 0, 4);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, type_name(st->st_mode));
  lua_setfield(L, -2, "type");
  dt_pushinteger(L, (long long)st->st_size);
  lua_setfield(L, -2, "size");
  dt_pushinteger(L, (long long)(st->st_mode & 0777));
  lua_setfield(L, -2, "mode");
}

/* Appends the next entry to the table at the top; returns 0 when there is no
 * more, or it failed with '*error'.  What is removed meanwhile is left out. */
static int add_next(lua_State *L, directory *d, int i, int *error) {
  struct dirent *entry;
  struct stat st;
  do {
    errno = 0;
    entry = readdir(d->stream);
    *error = entry ? 0 : errno;
    if (!entry)
      return 0;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    if (fstatat(dirfd(d->stream), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
        0) {
      push_entry(L, entry->d_name, &st);
      lua_rawseti(L, -2, i);
      return 1;
    }
    *error = errno;
  } while (*error == 0 || *error == ENOENT);
  return 0;
}

/* core.scan_dir(root, relative) -> list of { name, type, size, mode } in no
 * order, or nil and a message.  Types are "file", "directory", "link" and
 * "other"; modes are permission bits.  No link below the root is followed. */
static int core_scan_dir(lua_State *L) {
  const char *root = dt_files_check_path(L, 1);
  const char *relative = dt_files_check_path(L, 2);
  lua_settop(L, 2);
  directory *d = dt_class_new(L, &directory_class, sizeof *d, 0);
  int error = open_directory(d, root, relative);
  if (error)
    return dt_files_fail(L, error);
  lua_newtable(L);
  for (int i = 1; add_next(L, d, i, &error); i++)
    continue;
  closedir(d->stream);
  d->stream = NULL;
  return error ? dt_files_fail(L, error) : 1;
}

/* Lets the owner work in a directory that is there already; returns 0 or an
 * errno. */
static int open_up(int parent, const char *name) {
  struct stat st;
  if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return errno;
  if (!S_ISDIR(st.st_mode))
    return ENOTDIR;
  if ((st.st_mode & 0700) == 0700)
    return 0;
  mode_t mode = (st.st_mode & 07777) | 0700;
  return fchmodat(parent, name, mode, AT_SYMLINK_NOFOLLOW) != 0 ? errno : 0;
}

/* core.make_dir(path) -> true, false if it is there already, or nil and a
 * message: makes one directory.
 * core.make_dir(root, relative): the same below a directory, where no link is
 * followed; it is the owner's alone, and one that is there is made writable. */
static int core_make_dir(lua_State *L) {
  const char *root = dt_files_check_path(L, 1);
  const char *name = root;
  int parent = AT_FDCWD;
  struct stat st;
  if (!lua_isnoneornil(L, 2))
    parent = dt_beneath_parent(root, dt_files_check_path(L, 2), &name);
  if (parent == -1)
    return dt_files_fail(L, errno);
  bool is_root = parent == AT_FDCWD;
  int made = mkdirat(parent, name, is_root ? 0777 : 0700) == 0;
  int error = made ? 0 : errno;
  if (error == EEXIST && !is_root)
    error = open_up(parent, name);
  else if (error && is_root && stat(root, &st) == 0)
    error = S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
  if (!is_root)
    close(parent);
  if (error)
    return dt_files_fail(L, error);
  lua_pushboolean(L, made);
  return 1;
}

/* core.set_mode(root, relative, mode) -> true, or nil and a message: sets the
 * permission bits of a file or directory, "." for the root itself. */
static int core_set_mode(lua_State *L) {
  const char *root = dt_files_check_path(L, 1);
  const char *relative = dt_files_check_path(L, 2);
  const char *name = root;
  lua_Integer mode = luaL_checkinteger(L, 3);
  luaL_argcheck(L, mode >= 0 && mode <= 0777, 3, "permission bits expected");
  bool is_root = strcmp(relative, ".") == 0;
  int parent = AT_FDCWD;
  if (!is_root)
    parent = dt_beneath_parent(root, relative, &name);
  if (parent == -1)
    return dt_files_fail(L, errno);
  int result =
      fchmodat(parent, name, (mode_t)mode, is_root ? 0 : AT_SYMLINK_NOFOLLOW);
  int error = errno;
  if (!is_root)
    close(parent);
  if (result != 0)
    return dt_files_fail(L, error);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg functions[] = {{"scan_dir", core_scan_dir},
                                     {"make_dir", core_make_dir},
                                     {"set_mode", core_set_mode},
                                     {NULL, NULL}};

void dt_tree_open(lua_State *L) {
  dt_class_open(L, &directory_class, NULL, directory_metamethods);
  dt_setfuncs(L, functions, 0);
}
