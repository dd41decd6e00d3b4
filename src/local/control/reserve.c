#include "reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NAME "reserve"
#define SIZE ((off_t)1 << 20)
#define PLENTY 4 /* it is made while so many times its size are free */

void dl_reserve_open(dl_reserve *reserve, int dir_fd) {
  reserve->dir_fd = dir_fd;
  reserve->held = false;
  unlinkat(dir_fd, NAME, 0);
}

static bool has_plenty(int dir_fd) {
  struct statvfs fs;
  return fstatvfs(dir_fd, &fs) == 0 &&
         (unsigned long long)fs.f_bavail * fs.f_frsize >=
             (unsigned long long)SIZE * PLENTY;
}

void dl_reserve_keep(dl_reserve *reserve) {
  if (reserve->held || !has_plenty(reserve->dir_fd))
    return;
  int fd = openat(reserve->dir_fd, NAME,
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return;
  reserve->held = posix_fallocate(fd, 0, SIZE) == 0;
  close(fd);
  if (!reserve->held)
    unlinkat(reserve->dir_fd, NAME, 0);
}

bool dl_reserve_release(dl_reserve *reserve) {
  int saved = errno;
  bool released = reserve->held && unlinkat(reserve->dir_fd, NAME, 0) == 0;
  reserve->held = false;
  if (released)
    fputs("daytona-local: the disk of the data directory is full; its reserve "
          "is in use now\n",
          stderr);
  errno = saved;
  return released;
}
