#include "running.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char name[] = "running";

/* A lock of the open file: it ends with the last descriptor of it, so with the
 * process, and can be asked about without being taken. */
static int lock(int fd, int command, struct flock *lk) {
  memset(lk, 0, sizeof *lk);
  lk->l_type = F_WRLCK;
  lk->l_whence = SEEK_SET;
  return fcntl(fd, command, lk);
}

int dl_running_note(const dl_datadir *dir, const char *line) {
  if (dl_datadir_place(dir, name, 0600, line))
    return -1;
  int fd = openat(dir->fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  struct flock lk;
  if (fd < 0 || lock(fd, F_OFD_SETLK, &lk)) {
    dl_datadir_fail(dir, name);
    dl_running_forget(dir, fd);
    return -1;
  }
  return fd;
}

void dl_running_forget(const dl_datadir *dir, int fd) {
  unlinkat(dir->fd, name, 0);
  if (fd >= 0)
    close(fd);
}

static int open_in(const char *data) {
  int dir = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int fd = dir < 0 ? -1
                   : openat(dir, name,
                            O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  int saved = errno;
  if (dir >= 0)
    close(dir);
  errno = saved;
  return fd;
}

int dl_running_read(const char *data, char *line, size_t size) {
  int fd = open_in(data);
  ssize_t n = -1;
  if (fd < 0) {
    if (errno == ENOENT)
      errno = ESRCH;
    return -1;
  }
  struct flock lk;
  struct stat st;
  if (fstat(fd, &st) == 0 && lock(fd, F_OFD_GETLK, &lk) == 0) {
    errno = ESRCH;
    if (S_ISREG(st.st_mode) && lk.l_type != F_UNLCK)
      n = read(fd, line, size - 1);
  }
  close(fd);
  line[n > 0 ? n : 0] = '\0';
  return n < 0 ? -1 : 0;
}
