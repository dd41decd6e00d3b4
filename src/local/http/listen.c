#include "clock.h"
#include "internal.h"
#include "thread.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define STACK ((size_t)128 << 10)
#define PAUSE_MS 100 /* after a lack of descriptors or memory */
#define START_MS 1000

/* How many connections may be closing beside those that are open. */
#define CLOSING 64

/* Makes room for one more. False: not now. */
static bool make_room(dl_http_server *server) {
  struct timespec until = dl_clock_after(PAUSE_MS);
  int rc = 0;
  pthread_mutex_lock(&server->lock);
  while (server->n_connections - server->n_closing >= server->most &&
         dl_http_connections_evict(server))
    continue;
  while (server->n_connections >= server->most + CLOSING && rc == 0)
    rc = pthread_cond_timedwait(&server->moved, &server->lock, &until);
  bool room = rc == 0;
  pthread_mutex_unlock(&server->lock);
  return room;
}

/* Gives the connection to the library and waits until that has taken it, or
 * more might come than are counted. */
static bool hand_over(dl_http_server *server, int fd,
                      const struct sockaddr *from, socklen_t len) {
  struct timespec until = dl_clock_after(START_MS);
  int rc = 0;
  pthread_mutex_lock(&server->lock);
  unsigned before = server->n_come;
  pthread_mutex_unlock(&server->lock);
  if (MHD_add_connection(server->daemon, fd, from, len) != MHD_YES)
    return false;
  pthread_mutex_lock(&server->lock);
  while (server->n_come == before && rc == 0)
    rc = pthread_cond_timedwait(&server->moved, &server->lock, &until);
  pthread_mutex_unlock(&server->lock);
  return rc == 0;
}

/* Without descriptors one is got back by closing what can be spared. */
static void free_descriptor(dl_http_server *server) {
  pthread_mutex_lock(&server->lock);
  dl_http_connections_evict(server);
  pthread_mutex_unlock(&server->lock);
}

/* Takes one connection. False where that had better be tried again later. */
static bool take(dl_http_server *server) {
  struct sockaddr_storage from;
  socklen_t len = sizeof from;
  if (!make_room(server))
    return false;
  int fd = accept4(server->config.listen_fd, (struct sockaddr *)&from, &len,
                   SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0)
    return hand_over(server, fd, (struct sockaddr *)&from, len);
  if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
    return true;
  free_descriptor(server);
  return false;
}

/* The library's own accepting would look at the listening socket again at once
 * where no descriptor is left, and refuse whoever comes last where there are
 * too many. */
static void *run(void *arg) {
  dl_http_server *server = arg;
  bool paused = false;
  for (;;) {
    int wait = dl_http_connections_expire(server);
    struct pollfd fds[2] = {{server->stop_fd, POLLIN, 0},
                            {server->config.listen_fd, POLLIN, 0}};
    if (paused)
      wait = PAUSE_MS;
    if (poll(fds, paused ? 1 : 2, wait) < 0 && errno != EINTR)
      return NULL;
    if (fds[0].revents)
      return NULL;
    paused = fds[1].revents && !take(server);
  }
}

/* Starts taking connections. 0, or -1. */
int dl_http_listener_start(dl_http_server *server) {
  server->stop_fd = -1;
  if (server->config.among_friends)
    return 0;
  server->stop_fd = eventfd(0, EFD_CLOEXEC);
  if (server->stop_fd < 0)
    return -1;
  if (dl_thread_start_joinable(&server->listener, run, server, STACK) == 0)
    return 0;
  close(server->stop_fd);
  server->stop_fd = -1;
  return -1;
}

void dl_http_listener_stop(dl_http_server *server) {
  const uint64_t one = 1;
  if (server->config.among_friends) {
    MHD_socket fd = MHD_quiesce_daemon(server->daemon);
    if (fd != MHD_INVALID_SOCKET)
      close(fd);
  }
  if (server->stop_fd < 0)
    return;
  (void)!write(server->stop_fd, &one, sizeof one);
  pthread_join(server->listener, NULL);
  close(server->stop_fd);
  server->stop_fd = -1;
  close(server->config.listen_fd);
}

/* A close-on-exec TCP socket bound to a numeric IPv4 or IPv6 address and
 * listening; port 0 takes a free one. The port goes to *bound_port. Returns
 * the descriptor, or -1 with errno. */
int dl_http_listen(const char *host, unsigned port, unsigned *bound_port) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } at;
  socklen_t len;
  int fd, one = 1, saved;
  memset(&at, 0, sizeof at);
  if (inet_pton(AF_INET, host, &at.v4.sin_addr) == 1) {
    at.v4.sin_family = AF_INET;
    at.v4.sin_port = htons((uint16_t)port);
    len = sizeof at.v4;
  }
  else if (inet_pton(AF_INET6, host, &at.v6.sin6_addr) == 1) {
    at.v6.sin6_family = AF_INET6;
    at.v6.sin6_port = htons((uint16_t)port);
    len = sizeof at.v6;
  }
  else {
    errno = EINVAL;
    return -1;
  }
  fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(fd, &at.any, len) == 0 && listen(fd, SOMAXCONN) == 0 &&
      getsockname(fd, &at.any, &len) == 0) {
    *bound_port =
        ntohs(at.any.sa_family == AF_INET ? at.v4.sin_port : at.v6.sin6_port);
    return fd;
  }
  saved = errno;
  close(fd);
  errno = saved;
  return -1;
}
