#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

void dl_fd_close(int *fd) {
  int saved = errno;
  if (*fd >= 0)
    close(*fd);
  *fd = -1;
  errno = saved;
}

int dl_fd_pipe(int *ours, int *theirs, bool we_read) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC))
    return -1;
  *ours = ends[we_read ? 0 : 1];
  *theirs = ends[we_read ? 1 : 0];
  return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

void dl_fd_widen(int fd) {
  int size = 1 << 20;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

int dl_fd_write_all(int fd, const char *data, size_t len) {
  while (len > 0) {
    ssize_t n = write(fd, data, len);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    data += n;
    len -= (size_t)n;
  }
  return 0;
}

/* Closes all descriptors above 2 but these, of which -1 is none. */
static void close_others(const int *keep, int count) {
  int from = 3, next, i;
  for (;; from = next + 1) {
    next = -1;
    for (i = 0; i < count; i++) {
      if (keep[i] >= from && (next < 0 || keep[i] < next))
        next = keep[i];
    }
    if (next < 0)
      break;
    if (next > from)
      close_range((unsigned)from, (unsigned)next - 1, 0);
  }
  close_range((unsigned)from, ~0U, 0);
}

int dl_fd_place(int *fds, int count) {
  close_others(fds, count);
  for (int i = 0; i < count; i++) {
    if (fds[i] >= 0 && (fds[i] = fcntl(fds[i], F_DUPFD, 3 + count)) < 0)
      return -1;
  }
  for (int i = 0; i < count; i++) {
    if (fds[i] >= 0 && dup2(fds[i], 3 + i) < 0)
      return -1;
    if (fds[i] < 0)
      close(3 + i);
  }
  return close_range((unsigned)(3 + count), ~0U, 0);
}
