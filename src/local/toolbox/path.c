#include "path.h"
#include "strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Drops the last name of `out`, which starts at or after `root`. False if
 * there is none, or if it is ".." itself. */
static bool drop_last(dl_strbuf *out, size_t root) {
  size_t at = out->len;
  while (at > root && out->data[at - 1] != '/')
    at--;
  if (out->len == root || strcmp(out->data + at, "..") == 0)
    return false;
  out->len = at > root ? at - 1 : at;
  out->data[out->len] = '\0';
  return true;
}

char *dl_path_clean(const char *path) {
  dl_strbuf out = {0};
  size_t root = *path == '/';
  dl_strbuf_adds(&out, root ? "/" : "");
  while (*path && !out.failed) {
    size_t len = strcspn(path, "/");
    bool up = len == 2 && path[0] == '.' && path[1] == '.';
    if (len == 0 || (len == 1 && *path == '.')) {
      path += len + (path[len] == '/');
      continue;
    }
    if (!up || (!drop_last(&out, root) && !root)) {
      if (out.len > root)
        dl_strbuf_addc(&out, '/');
      dl_strbuf_add(&out, path, len);
    }
    path += len + (path[len] == '/');
  }
  if (out.len == 0)
    dl_strbuf_addc(&out, '.');
  return dl_strbuf_detach(&out);
}

char *dl_path_join(const char *directory, const char *name) {
  dl_strbuf both = {0};
  dl_strbuf_addf(&both, "%s/%s", directory, name);
  char *clean = both.failed ? NULL : dl_path_clean(both.data);
  dl_strbuf_free(&both);
  return clean;
}

char *dl_path_absolute(const char *path) {
  if (*path == '/')
    return dl_path_clean(path);
  char *here = getcwd(NULL, 0);
  if (!here)
    return NULL;
  char *out = dl_path_join(here, path);
  free(here);
  return out;
}

char *dl_path_parent(const char *path) {
  char *clean = dl_path_clean(path), *slash;
  if (!clean)
    return NULL;
  slash = strrchr(clean, '/');
  if (!slash) {
    free(clean);
    return strdup(".");
  }
  slash[slash == clean] = '\0';
  return clean;
}

const char *dl_path_base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int open_below(int directory, const char *name) {
  return openat(directory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Opens a directory below another one, and makes it if it is missing. */
static int enter(int directory, const char *name, mode_t mode) {
  int fd = open_below(directory, name);
  if (fd >= 0 || errno != ENOENT)
    return fd;
  if (mkdirat(directory, name, mode) && errno != EEXIST)
    return -1;
  return open_below(directory, name);
}

int dl_path_make(const char *path, mode_t mode) {
  struct stat st;
  if (stat(path, &st) == 0) {
    if (S_ISDIR(st.st_mode))
      return 0;
    errno = ENOTDIR;
    return -1;
  }
  if (errno != ENOENT)
    return -1;
  char *copy = strdup(path);
  if (!copy)
    return -1;
  int fd = open_below(AT_FDCWD, *path == '/' ? "/" : ".");
  char *name, *rest;
  int next, saved;
  for (name = strtok_r(copy, "/", &rest); name && fd >= 0;
       name = strtok_r(NULL, "/", &rest)) {
    next = enter(fd, name, mode);
    saved = errno;
    close(fd);
    errno = saved;
    fd = next;
  }
  saved = errno;
  free(copy);
  if (fd >= 0)
    close(fd);
  errno = saved;
  return fd >= 0 ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *st, int type,
                        struct FTW *where) {
  (void)st;
  (void)type;
  (void)where;
  return remove(path);
}

int dl_path_remove_tree(const char *path) {
  return nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
}
