#include "bell.h"

#include <stdbool.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../wire/list.h"
#include "sockets.h"

enum { EVENTS = 64, DIGITS = 16 };

/* A connection: somebody who waits, has waited or will. */
typedef struct caller {
  dt_list_node list;
  unsigned long long number; /* of the transfer it waits for; 0: none */
  double limit; /* when it is answered in any case; 0: never.  Negative: seconds
                 * from the question on that has still to come */
  char digits[DIGITS + 1]; /* of a question, as far as it has come */
  size_t got;
  int fd;
} caller;

struct dt_bell {
  int listener, inode, epoll;
  char address[sizeof "unix:/proc/self/fd/" + 3 * sizeof(int)];
  dt_list callers;
  struct epoll_event events[EVENTS]; /* those not yet looked at: */
  int next_event, event_count;
  int stuck;
  int limited; /* callers that have a limit */
};

/* Binds the socket in a directory of its own, and keeps its inode when both
 * are gone from the file system. */
static int bind_in(dt_bell *b, const char *parent) {
  char directory[64];
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int n = snprintf(directory, sizeof directory, "%s/daytona-XXXXXX", parent);
  if (n < 0 || (size_t)n >= sizeof directory)
    return ENAMETOOLONG;
  if (!mkdtemp(directory))
    return errno;
  snprintf(name.sun_path, sizeof name.sun_path, "%s/bell", directory);
  int error = 0;
  if (bind(b->listener, (struct sockaddr *)&name, sizeof name) != 0)
    error = errno;
  else if ((b->inode = open(name.sun_path, O_PATH | O_CLOEXEC)) < 0)
    error = errno;
  unlink(name.sun_path);
  rmdir(directory);
  return error;
}

static int bind_anywhere(dt_bell *b) {
  static const char *const fixed[] = {"/tmp", "/dev/shm", "/var/tmp"};
  const char *given = getenv("TMPDIR");
  int error = given ? bind_in(b, given) : ENOENT;
  for (size_t i = 0; error && i < sizeof fixed / sizeof fixed[0]; i++)
    error = bind_in(b, fixed[i]);
  return error;
}

static int watch(dt_bell *b, int fd, caller *c) {
  /* The listener by its edge: one that cannot accept must not spin. */
  struct epoll_event event = {.events = c ? EPOLLIN : EPOLLIN | EPOLLET,
                              .data.ptr = c};
  return epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &event);
}

int dt_bell_new(dt_bell **bell) {
  dt_bell *b = calloc(1, sizeof *b);
  *bell = NULL;
  if (!b)
    return ENOMEM;
  b->inode = b->epoll = -1;
  b->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int error = b->listener < 0 ? errno : bind_anywhere(b);
  if (!error && (listen(b->listener, SOMAXCONN) != 0 ||
                 (b->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0 ||
                 watch(b, b->listener, NULL) != 0))
    error = errno;
  if (error) {
    dt_bell_free(b);
    return error;
  }
  snprintf(b->address, sizeof b->address, "unix:/proc/self/fd/%d", b->inode);
  *bell = b;
  return 0;
}

const char *dt_bell_address(const dt_bell *bell) {
  return bell->address;
}

int dt_bell_fd(const dt_bell *bell) {
  return bell->epoll;
}

bool dt_bell_is_stuck(const dt_bell *bell) {
  return bell->stuck;
}

static void set_limit(dt_bell *b, caller *c, double limit) {
  b->limited += (limit > 0) - (c->limit > 0);
  c->limit = limit;
}

static void hang_up(dt_bell *b, caller *c) {
  set_limit(b, c, 0);
  dt_list_remove(&b->callers, &c->list);
  close(c->fd);
  free(c);
}

/* Whether this process is at the other end. */
static bool is_ours(int fd) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
         peer.pid == getpid();
}

/* Takes a connection; closes it, which its owner sees, where that fails. */
static void welcome(dt_bell *b, int fd) {
  caller *c = is_ours(fd) ? calloc(1, sizeof *c) : NULL;
  if (!c || watch(b, fd, c) != 0) {
    free(c);
    close(fd);
    return;
  }
  c->fd = fd;
  dt_list_prepend(&b->callers, &c->list);
}

static void accept_all(dt_bell *b) {
  for (;;) {
    int fd = accept4(b->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
      welcome(b, fd);
    else if (errno != EINTR && errno != ECONNABORTED) {
      b->stuck = errno != EAGAIN;
      return;
    }
  }
}

/* Reads from a connection that has something to say. */
static dt_bell_event listen_to(dt_bell *b, caller *c,
                               unsigned long long *number) {
  ssize_t n = read(c->fd, c->digits + c->got, DIGITS - c->got);
  if (n > 0) {
    c->got += (size_t)n;
    if (c->got < DIGITS)
      return DT_BELL_NOTHING;
    c->got = 0;
    if (c->digits[0] == 't') {
      set_limit(b, c, -strtod(c->digits + 1, NULL) / 1000);
      return DT_BELL_NOTHING;
    }
    if (c->limit < 0)
      set_limit(b, c, dt_sockets_now() - c->limit);
    *number = c->number = strtoull(c->digits, NULL, 10);
    return *number ? DT_BELL_ASKED : DT_BELL_NOTHING;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return DT_BELL_NOTHING;
  *number = c->number;
  hang_up(b, c);
  return *number ? DT_BELL_LEFT : DT_BELL_NOTHING;
}

dt_bell_event dt_bell_next(dt_bell *bell, unsigned long long *number) {
  if (bell->stuck)
    accept_all(bell);
  for (;;) {
    if (bell->next_event >= bell->event_count) {
      bell->next_event = 0;
      bell->event_count = epoll_wait(bell->epoll, bell->events, EVENTS, 0);
      if (bell->event_count <= 0)
        return DT_BELL_NOTHING;
    }
    caller *c = bell->events[bell->next_event++].data.ptr;
    dt_bell_event event = DT_BELL_NOTHING;
    if (c)
      event = listen_to(bell, c, number);
    else
      accept_all(bell);
    if (event != DT_BELL_NOTHING)
      return event;
  }
}

static void answer(dt_bell *b, caller *c) {
  c->number = 0;
  set_limit(b, c, 0);
  /* It fails only if nobody is there any more. */
  send(c->fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

double dt_bell_ring_late(dt_bell *bell, double now, double most) {
  if (bell->limited == 0)
    return most;
  DT_LIST_EACH (caller, list, c, &bell->callers)
    if (c->limit > 0 && c->limit <= now)
      answer(bell, c);
    else if (c->limit > 0 && c->limit - now < most)
      most = c->limit - now;
  return most;
}

void dt_bell_ring(dt_bell *bell, unsigned long long number) {
  DT_LIST_EACH (caller, list, c, &bell->callers)
    if (c->number == number && number != 0) {
      answer(bell, c);
      return;
    }
}

static void close_fd(int *fd) {
  if (*fd >= 0)
    close(*fd);
  *fd = -1;
}

void dt_bell_close(dt_bell *bell) {
  char unread[64];
  if (!bell)
    return;
  if (bell->listener >= 0)
    accept_all(bell);
  caller *c;
  while ((c = DT_LIST_FIRST(caller, list, &bell->callers)) != NULL) {
    /* With a question unread they would see a reset, and nginx an error. */
    while (read(c->fd, unread, sizeof unread) > 0)
      ;
    hang_up(bell, c);
  }
  close_fd(&bell->listener);
}

void dt_bell_free(dt_bell *bell) {
  if (!bell)
    return;
  while (bell->callers.first)
    hang_up(bell, DT_LIST_FIRST(caller, list, &bell->callers));
  close_fd(&bell->listener);
  close_fd(&bell->inode);
  close_fd(&bell->epoll);
  free(bell);
}
