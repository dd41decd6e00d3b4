#include "lend.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Less is sent as fast as it is lent. */
#define LEAST (UINT64_C(1) << 20)

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

static const char interim[] = "HTTP/1.1 102 Processing\r\n\r\n";

bool dl_lend_is_plain(int fd) {
  static const long plain[] = {TMPFS_MAGIC,       OVERLAYFS_SUPER_MAGIC,
                               EXT4_SUPER_MAGIC,  XFS_SUPER_MAGIC,
                               BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC};
  struct stat st;
  struct statfs fs;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) != O_RDONLY || (flags & O_PATH) ||
      fstat(fd, &st) || !S_ISREG(st.st_mode) || fstatfs(fd, &fs))
    return false;
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    if ((long)fs.f_type == plain[i])
      return true;
  }
  return false;
}

typedef union control {
  struct cmsghdr head; /* for its alignment */
  char space[CMSG_SPACE(sizeof(int))];
} control;

/* Keeps the first file that comes in *file, which is -1 or that, and closes
 * every other; the kernel closes what there is no room for. */
static void keep(struct msghdr *m, int *file) {
  struct cmsghdr *c;
  for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
    size_t at, len = c->cmsg_len - CMSG_LEN(0);
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
      continue;
    int fd;
    for (at = 0; at + sizeof fd <= len; at += sizeof fd) {
      memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
      if (*file < 0)
        *file = fd;
      else
        close(fd);
    }
  }
}

ssize_t dl_lend_receive(int socket, char *buffer, size_t size, int *file) {
  struct iovec piece = {buffer, size};
  control space;
  struct msghdr m = {.msg_iov = &piece,
                     .msg_iovlen = 1,
                     .msg_control = space.space,
                     .msg_controllen = sizeof space.space};
  ssize_t n = recvmsg(socket, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n >= 0)
    keep(&m, file);
  return n;
}

/* Sends the file beside the interim answer. 0, -1 if nothing was sent, or 1 if
 * the answer is spoilt. */
static int send_file(int socket, int fd) {
  struct iovec piece = {(void *)(uintptr_t)interim, sizeof interim - 1};
  control space = {.space = {0}};
  struct msghdr m = {.msg_iov = &piece,
                     .msg_iovlen = 1,
                     .msg_control = space.space,
                     .msg_controllen = sizeof space.space};
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(c), &fd, sizeof fd);
  ssize_t n;
  do
    n = sendmsg(socket, &m, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n == (ssize_t)sizeof interim - 1)
    return 0;
  return n < 0 ? -1 : 1;
}

/* The body that never comes. It ends when the reader of the file is done. */
static ssize_t wait_for_end(void *state, uint64_t at, char *buffer,
                            size_t size) {
  struct pollfd end = {*(int *)state, POLLRDHUP, 0};
  (void)at;
  (void)buffer;
  (void)size;
  while (poll(&end, 1, -1) < 0 && errno == EINTR)
    continue;
  return MHD_CONTENT_READER_END_WITH_ERROR;
}

bool dl_lend_file(dl_http_request *req, unsigned status, int fd, uint64_t from,
                  uint64_t len) {
  int socket = dl_http_client_fd(req), *state, rc;
  if (len < LEAST || !dl_http_header(req, DL_LEND_HEADER) ||
      !dl_lend_is_plain(fd))
    return false;
  state = malloc(sizeof *state);
  rc = state && lseek(fd, (off_t)from, SEEK_SET) >= 0 ? send_file(socket, fd)
                                                      : -1;
  if (rc) {
    free(state);
    if (rc > 0)
      dl_http_drop(req);
    return rc > 0;
  }
  *state = socket;
  dl_http_reply_stream(req, status, (int64_t)len, wait_for_end, state, free);
  return true;
}
