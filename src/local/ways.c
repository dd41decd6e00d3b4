#include "ways.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>

#include "clock.h"

#define LINGER_MS 1000

/* Reads what has come, if all of the last was sent. */
static void take(dl_way *w) {
  if (w->start < w->end || w->ended)
    return;
  ssize_t n = recv(w->from, w->data, DL_WAYS_PIPE, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
    w->ended = true;
  w->start = 0;
  w->end = n > 0 ? (size_t)n : 0;
}

/* Sends what is there; to nobody once the receiver is gone. */
static void give(dl_way *w) {
  ssize_t n = 0;
  if (w->start < w->end && !w->lost)
    n = send(w->to, w->data + w->start, w->end - w->start,
             MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n > 0)
    w->start += (size_t)n;
  else if (n < 0 && errno != EAGAIN && errno != EINTR)
    w->lost = true;
  if (w->lost)
    w->start = w->end;
  if (w->ended && w->start == w->end && !w->shut) {
    w->shut = true;
    shutdown(w->to, SHUT_WR);
  }
}

static short wants(const dl_way *reads, const dl_way *writes) {
  short events = 0;
  if (reads->start == reads->end && !reads->ended)
    events |= POLLIN;
  if (writes->start < writes->end)
    events |= POLLOUT;
  return events;
}

/* Waits and moves. False when that took too long. */
static bool turn(dl_ways *t, int timeout_ms) {
  struct pollfd fds[2] = {{t->client_fd, wants(&t->up, &t->down), 0},
                          {t->server_fd, wants(&t->down, &t->up), 0}};
  /* What is not waited for is not looked at: an end would spin. */
  if (!fds[0].events)
    fds[0].fd = -1;
  if (!fds[1].events)
    fds[1].fd = -1;
  int n = poll(fds, 2, timeout_ms);
  if (n == 0 || (n < 0 && errno != EINTR))
    return false;
  take(&t->up);
  give(&t->up);
  take(&t->down);
  give(&t->down);
  return true;
}

void dl_ways_join(dl_ways *w, int client_fd, int server_fd) {
  w->client_fd = w->up.from = w->down.to = client_fd;
  w->server_fd = w->up.to = w->down.from = server_fd;
}

void dl_ways_carry(dl_ways *w) {
  while (!w->down.shut && !w->down.lost) {
    if (!turn(w, -1))
      return;
  }
  w->up.lost = true;
  int64_t until = dl_clock_monotonic_ms() + LINGER_MS;
  int64_t now;
  while (!w->down.lost && !w->up.ended &&
         (now = dl_clock_monotonic_ms()) < until) {
    if (!turn(w, (int)(until - now)))
      return;
  }
}
