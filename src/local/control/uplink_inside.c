#include "uplink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "own_addresses.h"

#define PREPARE_MS 10000

/* Opens the network namespace of that process, which must be the one with that
 * inode (0: any), and the user namespace that has the rights over it. 0, or -1
 * with errno. */
int dl_uplink_enter(pid_t child, long long inode, int *user_fd, int *net_fd) {
  char path[64];
  *user_fd = -1;
  snprintf(path, sizeof path, "/proc/%d/ns/net", (int)child);
  *net_fd = open(path, O_RDONLY | O_CLOEXEC);
  if (*net_fd < 0)
    return -1;
  struct stat st;
  if (fstat(*net_fd, &st) == 0) {
    errno = ESTALE;
    if (inode == 0 || st.st_ino == (ino_t)inode)
      *user_fd = ioctl(*net_fd, NS_GET_USERNS);
  }
  if (*user_fd >= 0)
    return 0;
  dl_fd_close(net_fd);
  return -1;
}

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return -1;
}

/* All descriptors in one message. */
static int hand_over(int socket, const int *fds, size_t count) {
  union {
    char bytes[CMSG_SPACE(DL_EXPOSE_MOST * sizeof(int))];
    struct cmsghdr head;
  } control;
  char done = '1';
  struct iovec one = {&done, 1};
  struct msghdr message;
  memset(&message, 0, sizeof message);
  memset(&control, 0, sizeof control);
  message.msg_iov = &one;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof *fds);
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(count * sizeof *fds);
    memcpy(CMSG_DATA(&control.head), fds, count * sizeof *fds);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int take_over(int socket, int *fds, size_t count) {
  union {
    char bytes[CMSG_SPACE(DL_EXPOSE_MOST * sizeof(int))];
    struct cmsghdr head;
  } control;
  char done;
  struct iovec one = {&done, 1};
  struct msghdr message;
  struct pollfd p = {socket, POLLIN, 0};
  memset(&message, 0, sizeof message);
  message.msg_iov = &one;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  if (poll(&p, 1, PREPARE_MS) != 1 ||
      recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != 1)
    return -1;
  if (count == 0)
    return 0;
  if (message.msg_controllen < CMSG_LEN(count * sizeof *fds) ||
      control.head.cmsg_len != CMSG_LEN(count * sizeof *fds))
    return -1;
  memcpy(fds, CMSG_DATA(&control.head), count * sizeof *fds);
  return 0;
}

/* In a child, for whoever enters another user namespace cannot come back. */
static int work_inside(int user_fd, int net_fd, const dl_own_addresses *own,
                       const dl_exposed *services, size_t count, int socket) {
  if (setns(user_fd, CLONE_NEWUSER) || setns(net_fd, CLONE_NEWNET))
    return fail("the sandbox's network namespace");
  if (own && dl_own_addresses_refuse(own))
    return fail("routes");
  int fds[DL_EXPOSE_MOST];
  for (size_t i = 0; i < count; i++) {
    fds[i] = dl_expose_listen(&services[i]);
    if (fds[i] < 0)
      return fail("--expose: a port in the sandbox");
  }
  return hand_over(socket, fds, count);
}

int dl_uplink_prepare(int user_fd, int net_fd, bool routes,
                      const dl_exposed *services, size_t count,
                      int *listeners) {
  dl_own_addresses own = {0};
  int pair[2], rc = -1;
  pid_t pid = -1;
  if (routes && dl_own_addresses_find(&own)) {
    free(own.list);
    return fail("the addresses of this machine");
  }
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
    free(own.list);
    return fail("socketpair");
  }
  pid = fork();
  if (pid == 0)
    _exit(work_inside(user_fd, net_fd, routes ? &own : NULL, services, count,
                      pair[1])
              ? 1
              : 0);
  close(pair[1]);
  if (pid < 0)
    fail("fork");
  else {
    rc = take_over(pair[0], listeners, count);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
  }
  close(pair[0]);
  free(own.list);
  return rc;
}
