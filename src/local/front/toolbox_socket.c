#include "toolbox_socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fd.h"
#include "kept.h"

/* A data directory may have a longer path than an address has room for. */
static int address(const dl_datadir *dir, const char *id,
                   struct sockaddr_un *at) {
  int n;
  memset(at, 0, sizeof *at);
  at->sun_family = AF_UNIX;
  n = snprintf(at->sun_path, sizeof at->sun_path, "/proc/self/fd/%d/run/%s",
               dir->fd, id);
  if (n > 0 && (size_t)n < sizeof at->sun_path)
    return 0;
  errno = ENAMETOOLONG;
  return -1;
}

static int open_socket(const dl_datadir *dir, const char *id,
                       struct sockaddr_un *at) {
  return address(dir, id, at) ? -1
                              : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int close_failed(int fd) {
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

/* A listening socket in the place of the sandbox, or -1 with errno. */
int dl_toolbox_socket_listen(const dl_datadir *dir, const char *id) {
  struct sockaddr_un at;
  int fd = open_socket(dir, id, &at);
  if (fd < 0)
    return -1;
  dl_toolbox_socket_remove(dir, id);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, SOMAXCONN))
    return close_failed(fd);
  return fd;
}

/* A connection to the sandbox's toolbox, or -1 with errno: one that was kept,
 * if there is any, where `again` allows that. */
int dl_toolbox_socket_connect(const dl_datadir *dir, const char *id,
                              bool again) {
  struct sockaddr_un at;
  int fd = again ? dl_kept_take(id) : -1;
  if (fd >= 0)
    return fd;
  fd = open_socket(dir, id, &at);
  if (fd < 0)
    return -1;
  while (connect(fd, (struct sockaddr *)&at, sizeof at)) {
    if (errno != EINTR)
      return close_failed(fd);
  }
  dl_fd_widen(fd);
  return fd;
}

/* Nothing listens there any more. */
void dl_toolbox_socket_remove(const dl_datadir *dir, const char *id) {
  char name[128];
  int n = snprintf(name, sizeof name, "run/%s", id);
  dl_kept_drop(id);
  if (n > 0 && (size_t)n < sizeof name)
    unlinkat(dir->fd, name, 0);
}

/* The same for all: what a server that was killed has left. */
void dl_toolbox_socket_clear(const dl_datadir *dir) {
  int fd = openat(dir->fd, "run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = fd < 0 ? NULL : fdopendir(fd);
  const struct dirent *entry;
  if (!list) {
    if (fd >= 0)
      close(fd);
    return;
  }
  while ((entry = readdir(list))) {
    if (entry->d_name[0] != '.')
      unlinkat(dirfd(list), entry->d_name, 0);
  }
  closedir(list);
}
