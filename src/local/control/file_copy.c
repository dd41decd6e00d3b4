#include "file_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fd.h"

#define PIECE ((size_t)8 << 20) /* between two looks whether to go on */

bool dl_file_is_gone(int error) {
  return error == ENOENT || error == ELOOP || error == ENOTDIR ||
         error == ENXIO;
}

int dl_file_open_own(int parent, const char *name) {
  const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  int fd = openat(parent, name, flags), path_fd;
  if (fd >= 0 || errno != EACCES)
    return fd;
  path_fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (path_fd < 0)
    return -1;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", path_fd);
  struct stat st;
  if (fstat(path_fd, &st) == 0 &&
      (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) &&
      chmod(link, (st.st_mode & 07777) | 0500) == 0) {
    fd = open(link, flags & ~O_NOFOLLOW);
    if (chmod(link, st.st_mode & 07777))
      dl_fd_close(&fd);
  }
  dl_fd_close(&path_fd);
  return fd;
}

/* One piece; 0 at the end of the file. */
static ssize_t copy_piece(int in, int out, off_t at, size_t len, char *buffer,
                          bool *by_kernel) {
  ssize_t n, done = 0, m;
  off_t to = at;
  if (*by_kernel) {
    n = copy_file_range(in, &at, out, &to, len, 0);
    if (n >= 0 || (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP &&
                   errno != ENOSYS))
      return n;
    *by_kernel = false;
  }
  if (len > DL_FILE_COPY_BUFFER)
    len = DL_FILE_COPY_BUFFER;
  n = pread(in, buffer, len, at);
  while (n > 0 && done < n) {
    m = pwrite(out, buffer + done, (size_t)(n - done), at + done);
    if (m < 0)
      return -1;
    done += m;
  }
  return n;
}

static int copy_range(int in, int out, off_t at, off_t end, char *buffer,
                      const atomic_bool *stop, bool *by_kernel) {
  while (at < end) {
    size_t len = end - at > (off_t)PIECE ? PIECE : (size_t)(end - at);
    ssize_t n = copy_piece(in, out, at, len, buffer, by_kernel);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -1;
    if (n == 0) /* it became shorter */
      break;
    at += n;
    if (atomic_load(stop)) {
      errno = ECANCELED;
      return -1;
    }
  }
  return 0;
}

int dl_file_copy_data(int in, int out, off_t size, char *buffer,
                      const atomic_bool *stop) {
  bool by_kernel = true;
  off_t at = 0, data, hole;
  if (ioctl(out, FICLONE, in) == 0)
    return 0;
  while (at < size) {
    data = lseek(in, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO)
      break;
    if (data < 0)
      return -1;
    hole = lseek(in, data, SEEK_HOLE);
    if (hole < 0)
      return -1;
    if (copy_range(in, out, data, hole < size ? hole : size, buffer, stop,
                   &by_kernel))
      return -1;
    at = hole;
  }
  return ftruncate(out, size);
}

static bool is_the_users(const char *name) {
  return strncmp(name, "user.", 5) == 0 ||
         strncmp(name, "system.posix_acl_", 17) == 0;
}

/* Those that the file system of the copy does not know are left out. */
static int copy_attributes(int in, int out, char *buffer) {
  char *value = buffer + DL_FILE_COPY_BUFFER / 2;
  ssize_t len = flistxattr(in, buffer, DL_FILE_COPY_BUFFER / 2), n;
  if (len < 0)
    return errno == EOPNOTSUPP || errno == ENOSYS ? 0 : -1;
  const char *name;
  for (name = buffer; name < buffer + len; name += strlen(name) + 1) {
    if (!is_the_users(name))
      continue;
    n = fgetxattr(in, name, value, DL_FILE_COPY_BUFFER / 2);
    if (n >= 0 && fsetxattr(out, name, value, (size_t)n, 0) &&
        errno != EOPNOTSUPP && errno != EPERM)
      return -1;
  }
  return 0;
}

int dl_file_copy_rest(int in, int out, const struct stat *st, char *buffer) {
  struct timespec times[2] = {st->st_atim, st->st_mtim};
  if (copy_attributes(in, out, buffer) || fchmod(out, st->st_mode & 07777) ||
      futimens(out, times))
    return -1;
  return 0;
}
