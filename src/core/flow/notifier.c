#include "notifier.h"

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

struct dt_notifier {
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
static int bind_in(dt_notifier *notifier, const char *parent) {
  char directory[64];
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int n = snprintf(directory, sizeof directory, "%s/daytona-XXXXXX", parent);
  if (n < 0 || (size_t)n >= sizeof directory)
    return ENAMETOOLONG;
  if (!mkdtemp(directory))
    return errno;
  snprintf(name.sun_path, sizeof name.sun_path, "%s/notifier", directory);
  int error = 0;
  if (bind(notifier->listener, (struct sockaddr *)&name, sizeof name) != 0)
    error = errno;
  else if ((notifier->inode = open(name.sun_path, O_PATH | O_CLOEXEC)) < 0)
    error = errno;
  unlink(name.sun_path);
  rmdir(directory);
  return error;
}

static int bind_anywhere(dt_notifier *notifier) {
  static const char *const fixed[] = {"/tmp", "/dev/shm", "/var/tmp"};
  const char *given = getenv("TMPDIR");
  int error = given ? bind_in(notifier, given) : ENOENT;
  for (size_t i = 0; error && i < sizeof fixed / sizeof fixed[0]; i++)
    error = bind_in(notifier, fixed[i]);
  return error;
}

static int watch(dt_notifier *notifier, int fd, caller *c) {
  /* The listener by its edge: one that cannot accept must not spin. */
  struct epoll_event event = {.events = c ? EPOLLIN : EPOLLIN | EPOLLET,
                              .data.ptr = c};
  return epoll_ctl(notifier->epoll, EPOLL_CTL_ADD, fd, &event);
}

int dt_notifier_new(dt_notifier **made) {
  dt_notifier *notifier = calloc(1, sizeof *notifier);
  *made = NULL;
  if (!notifier)
    return ENOMEM;
  notifier->inode = notifier->epoll = -1;
  notifier->listener =
      socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int error = notifier->listener < 0 ? errno : bind_anywhere(notifier);
  if (!error && (listen(notifier->listener, SOMAXCONN) != 0 ||
                 (notifier->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0 ||
                 watch(notifier, notifier->listener, NULL) != 0))
    error = errno;
  if (error) {
    dt_notifier_free(notifier);
    return error;
  }
  snprintf(notifier->address, sizeof notifier->address, "unix:/proc/self/fd/%d",
           notifier->inode);
  *made = notifier;
  return 0;
}

const char *dt_notifier_address(const dt_notifier *notifier) {
  return notifier->address;
}

int dt_notifier_fd(const dt_notifier *notifier) {
  return notifier->epoll;
}

bool dt_notifier_is_stuck(const dt_notifier *notifier) {
  return notifier->stuck;
}

static void set_limit(dt_notifier *notifier, caller *c, double limit) {
  notifier->limited += (limit > 0) - (c->limit > 0);
  c->limit = limit;
}

static void disconnect(dt_notifier *notifier, caller *c) {
  set_limit(notifier, c, 0);
  dt_list_remove(&notifier->callers, &c->list);
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
static void add_caller(dt_notifier *notifier, int fd) {
  caller *c = is_ours(fd) ? calloc(1, sizeof *c) : NULL;
  if (!c || watch(notifier, fd, c) != 0) {
    free(c);
    close(fd);
    return;
  }
  c->fd = fd;
  dt_list_prepend(&notifier->callers, &c->list);
}

static void accept_all(dt_notifier *notifier) {
  for (;;) {
    int fd =
        accept4(notifier->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
      add_caller(notifier, fd);
    else if (errno != EINTR && errno != ECONNABORTED) {
      notifier->stuck = errno != EAGAIN;
      return;
    }
  }
}

/* Reads from a connection that has something to say. */
static dt_notifier_event read_from(dt_notifier *notifier, caller *c,
                                   unsigned long long *number) {
  ssize_t n = read(c->fd, c->digits + c->got, DIGITS - c->got);
  if (n > 0) {
    c->got += (size_t)n;
    if (c->got < DIGITS)
      return DT_NOTIFIER_NOTHING;
    c->got = 0;
    if (c->digits[0] == 't') {
      set_limit(notifier, c, -strtod(c->digits + 1, NULL) / 1000);
      return DT_NOTIFIER_NOTHING;
    }
    if (c->limit < 0)
      set_limit(notifier, c, dt_sockets_now() - c->limit);
    *number = c->number = strtoull(c->digits, NULL, 10);
    return *number ? DT_NOTIFIER_ASKED : DT_NOTIFIER_NOTHING;
  }
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return DT_NOTIFIER_NOTHING;
  *number = c->number;
  disconnect(notifier, c);
  return *number ? DT_NOTIFIER_LEFT : DT_NOTIFIER_NOTHING;
}

dt_notifier_event dt_notifier_next(dt_notifier *notifier,
                                   unsigned long long *number) {
  if (notifier->stuck)
    accept_all(notifier);
  for (;;) {
    if (notifier->next_event >= notifier->event_count) {
      notifier->next_event = 0;
      notifier->event_count =
          epoll_wait(notifier->epoll, notifier->events, EVENTS, 0);
      if (notifier->event_count <= 0)
        return DT_NOTIFIER_NOTHING;
    }
    caller *c = notifier->events[notifier->next_event++].data.ptr;
    dt_notifier_event event = DT_NOTIFIER_NOTHING;
    if (c)
      event = read_from(notifier, c, number);
    else
      accept_all(notifier);
    if (event != DT_NOTIFIER_NOTHING)
      return event;
  }
}

static void answer(dt_notifier *notifier, caller *c) {
  c->number = 0;
  set_limit(notifier, c, 0);
  /* It fails only if nobody is there any more. */
  send(c->fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

double dt_notifier_notify_late(dt_notifier *notifier, double now, double most) {
  if (notifier->limited == 0)
    return most;
  DT_LIST_EACH (caller, list, c, &notifier->callers)
    if (c->limit > 0 && c->limit <= now)
      answer(notifier, c);
    else if (c->limit > 0 && c->limit - now < most)
      most = c->limit - now;
  return most;
}

void dt_notifier_notify(dt_notifier *notifier, unsigned long long number) {
  DT_LIST_EACH (caller, list, c, &notifier->callers)
    if (c->number == number && number != 0) {
      answer(notifier, c);
      return;
    }
}

static void close_fd(int *fd) {
  if (*fd >= 0)
    close(*fd);
  *fd = -1;
}

void dt_notifier_close(dt_notifier *notifier) {
  char unread[64];
  if (!notifier)
    return;
  if (notifier->listener >= 0)
    accept_all(notifier);
  caller *c;
  while ((c = DT_LIST_FIRST(caller, list, &notifier->callers)) != NULL) {
    /* With a question unread they would see a reset, and nginx an error. */
    while (read(c->fd, unread, sizeof unread) > 0)
      ;
    disconnect(notifier, c);
  }
  close_fd(&notifier->listener);
}

void dt_notifier_free(dt_notifier *notifier) {
  if (!notifier)
    return;
  while (notifier->callers.first)
    disconnect(notifier, DT_LIST_FIRST(caller, list, &notifier->callers));
  close_fd(&notifier->listener);
  close_fd(&notifier->inode);
  close_fd(&notifier->epoll);
  free(notifier);
}
