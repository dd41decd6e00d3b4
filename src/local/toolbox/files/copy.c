#include "copy.h"
#include "toolbox/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int keep_times(const char *path, const struct stat *st) {
  struct timespec times[2];
  times[0] = st->st_atim;
  times[1] = st->st_mtim;
  return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static int copy_file(const char *from, const char *to, const struct stat *st) {
  int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, saved;
  ssize_t n = -1;
  if (in >= 0)
    out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (out >= 0) {
    do
      n = sendfile(out, in, NULL, (size_t)1 << 30);
    while (n > 0);
    if (n == 0 && fchmod(out, st->st_mode & 07777))
      n = -1;
  }
  saved = errno;
  if (in >= 0)
    close(in);
  if (out >= 0 && close(out) && n == 0) {
    saved = errno;
    n = -1;
  }
  errno = saved;
  return n == 0 ? keep_times(to, st) : -1;
}

static int copy_link(const char *from, const char *to) {
  char target[PATH_MAX];
  ssize_t n = readlink(from, target, sizeof target - 1);
  if (n < 0)
    return -1;
  target[n] = '\0';
  return symlink(target, to);
}

static int copy_directory(const char *from, const char *to,
                          const struct stat *st) {
  DIR *directory = opendir(from);
  struct dirent *entry;
  int rc = directory ? mkdir(to, 0700) : -1;
  while (rc == 0 && (entry = readdir(directory))) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    char *a = dl_path_join(from, entry->d_name);
    char *b = dl_path_join(to, entry->d_name);
    rc = a && b ? dl_copy_tree(a, b) : -1;
    free(a);
    free(b);
  }
  if (directory) {
    int saved = errno;
    closedir(directory);
    errno = saved;
  }
  if (rc == 0)
    rc = chmod(to, st->st_mode & 07777);
  return rc == 0 ? keep_times(to, st) : -1;
}

int dl_copy_tree(const char *from, const char *to) {
  struct stat st;
  if (lstat(from, &st))
    return -1;
  if (S_ISDIR(st.st_mode))
    return copy_directory(from, to, &st);
  if (S_ISLNK(st.st_mode))
    return copy_link(from, to);
  if (S_ISREG(st.st_mode))
    return copy_file(from, to, &st);
  return mknod(to, st.st_mode, st.st_rdev);
}
