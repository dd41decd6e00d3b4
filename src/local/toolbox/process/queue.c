#include "queue.h"
#include "clock.h"
#include "fd.h"
#include "child_limits.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Commands of one request each take turns, so that a thousand at once start
 * one after the other instead of failing for want of processes. One that has
 * run for a second is no part of a rush and lets the next one begin: programs
 * that run for hours, or wait for each other, hold up nobody. */

/* In the order in which they came. */
typedef struct line {
  dl_place *first;
  dl_place *last;
  unsigned count;
} line;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static line waiting; /* for their turn */
static line fresh;   /* begun a short while ago, as far as was looked */

static void append(line *to, dl_place *place) {
  place->next = NULL;
  place->previous = to->last;
  if (to->last)
    to->last->next = place;
  else
    to->first = place;
  to->last = place;
  to->count++;
}

static void take_out(line *from, dl_place *place) {
  if (place->previous)
    place->previous->next = place->next;
  else
    from->first = place->next;
  if (place->next)
    place->next->previous = place->previous;
  else
    from->last = place->previous;
  from->count--;
}

static void begin(dl_place *place) {
  place->state = DL_PLACE_FRESH;
  place->since = dl_clock_monotonic_ms();
  append(&fresh, place);
}

static void settle(void) {
  int64_t before = dl_clock_monotonic_ms() - dl_child_limits_fresh_ms();
  while (fresh.first && fresh.first->since <= before) {
    dl_place *place = fresh.first;
    place->state = DL_PLACE_SETTLED;
    take_out(&fresh, place);
  }
}

static void wake(const dl_place *place) {
  const uint64_t one = 1;
  /* An eventfd takes a count without ever blocking. */
  if (write(place->wake_fd, &one, sizeof one) < 0)
    return;
}

/* Lets begin who may. The first of those that still wait is woken, because it
 * is the one who looks at the clock for all. */
static void advance(void) {
  const dl_place *first = waiting.first;
  settle();
  while (waiting.first && fresh.count < dl_child_limits_at_once()) {
    dl_place *place = waiting.first;
    take_out(&waiting, place);
    begin(place);
    wake(place);
  }
  if (waiting.first && waiting.first != first)
    wake(waiting.first);
}

/* How long the place may sleep: to its deadline, or for the first one until
 * the next of the fresh is none any more. */
static int nap(const dl_place *place, int64_t deadline) {
  int ms = dl_clock_left(deadline);
  if (place == waiting.first && fresh.first) {
    int next = dl_clock_left(fresh.first->since + dl_child_limits_fresh_ms());
    if (ms < 0 || next < ms)
      ms = next;
  }
  return ms;
}

/* Sleeps until something has happened. Whether the client has left. */
static bool sleep_on(const dl_place *place, int client_fd, int ms) {
  struct pollfd fds[2] = {{place->wake_fd, POLLIN, 0},
                          {client_fd, POLLRDHUP, 0}};
  if (poll(fds, 2, ms) <= 0)
    return false;
  uint64_t count;
  if (fds[0].revents && read(place->wake_fd, &count, sizeof count) < 0)
    errno = 0; /* nobody else reads it */
  return fds[1].revents != 0;
}

/* With the lock held: waits for the turn. 0, or why there will be none. */
static int wait_turn(dl_place *place, int client_fd, int64_t deadline) {
  bool left = false;
  for (;;) {
    advance();
    if (place->state != DL_PLACE_WAITS)
      return 0;
    if (left || dl_clock_left(deadline) == 0) {
      take_out(&waiting, place);
      advance();
      return left ? ECANCELED : ETIMEDOUT;
    }
    int ms = nap(place, deadline);
    pthread_mutex_unlock(&lock);
    left = sleep_on(place, client_fd, ms);
    pthread_mutex_lock(&lock);
  }
}

int dl_queue_enter(dl_place *place, int client_fd, int64_t deadline) {
  int error = 0;
  pthread_mutex_lock(&lock);
  settle();
  if (!waiting.first && fresh.count < dl_child_limits_at_once())
    begin(place);
  else if (waiting.count >= dl_child_limits_waiting())
    error = EAGAIN;
  else {
    place->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (place->wake_fd < 0)
      error = errno;
    else {
      place->state = DL_PLACE_WAITS;
      append(&waiting, place);
      error = wait_turn(place, client_fd, deadline);
      dl_fd_close(&place->wake_fd);
    }
  }
  pthread_mutex_unlock(&lock);
  return error;
}

void dl_queue_leave(dl_place *place) {
  pthread_mutex_lock(&lock);
  if (place->state == DL_PLACE_FRESH)
    take_out(&fresh, place);
  advance();
  pthread_mutex_unlock(&lock);
}
