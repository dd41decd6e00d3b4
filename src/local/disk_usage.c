#include "disk_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How deep directories are looked into: one descriptor for each. */
#define MAX_DEPTH 200

/* Whether something else is mounted there. */
static bool is_mount(int fd, const char *name) {
  struct statx st;
  return statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
         (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static int64_t add_up(int fd, int depth) {
  DIR *list = fdopendir(fd);
  int64_t sum = 0;
  if (!list) {
    close(fd);
    return 0;
  }
  struct dirent *entry;
  struct stat st;
  while ((entry = readdir(list))) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW))
      continue;
    /* A file of several names counts once, in parts. */
    sum += (int64_t)st.st_blocks * 512 /
           (S_ISDIR(st.st_mode) || st.st_nlink < 1 ? 1 : (int64_t)st.st_nlink);
    if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH && !is_mount(fd, name)) {
      int below =
          openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (below >= 0)
        sum += add_up(below, depth + 1);
    }
  }
  closedir(list);
  return sum;
}

int64_t dl_disk_usage(int dir, const char *path) {
  int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return fd < 0 ? 0 : add_up(fd, 0);
}
