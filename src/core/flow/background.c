#include "background.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "attention.h"
#include "driver.h"
#include "sockets.h"
#include "notifier.h"

#define LONGEST_POLL 60.0 /* seconds; whoever wants the driver ends it */
#define FED_POLL 0.02     /* while libcurl may still hold a pause */
#define STUCK_POLL 0.1    /* while the notifier cannot take a connection */

enum {
  MANY = 32,               /* transfers */
  PAUSE_EACH = 10000,      /* ns for each of them */
  LONGEST_PAUSE = 4000000, /* ns */
  STACK_SIZE = 1024 * 1024 /* musl gives 128 KiB: one read of a WebSocket */
};

struct dt_background {
  dt_driver *driver;
  pthread_mutex_t mutex; /* the driver and everything live; the thread keeps it
                          * even in poll, which looks at all transfers */
  pthread_cond_t turn;   /* the Lua thread has left */
  int entering;          /* atomic: the Lua thread is about to enter */
  int ending;
  pthread_mutex_t list_mutex; /* the list; may be taken under the other one */
  pthread_cond_t announced;
  dt_list list;              /* announced ones */
  int fd;                    /* an eventfd; -1: there is a notifier */
  dt_notifier *notifier;     /* needs the lock of the list */
  dt_socket notifier_socket; /* makes the driver wait for the notifier, too */
  pid_t pid;
  pthread_t thread;
  int running;
};

bool dt_background_is_here(const dt_background *b) {
  return b->pid == getpid();
}

int dt_background_fd(const dt_background *b) {
  return b->fd;
}

const char *dt_background_address(const dt_background *b) {
  return b->notifier ? dt_notifier_address(b->notifier) : NULL;
}

/* The thread gives the lock away only when it sees 'entering', and it looks
 * after every poll; a wakeup before the poll ends that poll, too. */
static void enter(dt_background *b) {
  __atomic_store_n(&b->entering, 1, __ATOMIC_SEQ_CST);
  if (b->running)
    curl_multi_wakeup(b->driver->multi);
  pthread_mutex_lock(&b->mutex);
  __atomic_store_n(&b->entering, 0, __ATOMIC_SEQ_CST);
}

static void leave(dt_background *b) {
  pthread_cond_signal(&b->turn);
  pthread_mutex_unlock(&b->mutex);
}

/* The next three need the lock of the list. */
static void append(dt_background *b, dt_transfer *t) {
  const uint64_t one = 1;
  t->announced = 1;
  dt_list_append(&b->list, &t->announcement);
  if (b->notifier)
    dt_notifier_notify(b->notifier, t->number);
  /* It cannot fail: the counter is far from its end. */
  else
    while (write(b->fd, &one, sizeof one) < 0 && errno == EINTR)
      ;
  pthread_cond_broadcast(&b->announced);
}

static void silence(dt_background *b) {
  uint64_t count;
  while (!b->notifier && !b->list.first &&
         read(b->fd, &count, sizeof count) < 0 && errno == EINTR)
    ;
}

static void forget(dt_background *b, dt_transfer *t) {
  if (!t->announced)
    return;
  dt_list_remove(&b->list, &t->announcement);
  t->announced = 0;
  silence(b);
}

static void finish(dt_background *b, dt_transfer *t) {
  pthread_mutex_lock(&b->list_mutex);
  /* Whoever sees 'done' sees all that was received, without a lock. */
  __atomic_store_n(&t->done, 1, __ATOMIC_RELEASE);
  if (!t->announced)
    append(b, t);
  pthread_mutex_unlock(&b->list_mutex);
}

static void stop(dt_background *b, dt_transfer *t) {
  if (!dt_driver_is_done(t)) {
    enter(b);
    dt_driver_stop(t);
    leave(b);
  }
  pthread_mutex_lock(&b->list_mutex);
  forget(b, t);
  pthread_mutex_unlock(&b->list_mutex);
}

static void served(dt_background *b, dt_transfer *t) {
  t->reported = 0;
  pthread_mutex_lock(&b->list_mutex);
  forget(b, t);
  pthread_mutex_unlock(&b->list_mutex);
}

unsigned long long dt_background_next(dt_background *b) {
  pthread_mutex_lock(&b->list_mutex);
  dt_transfer *t = DT_LIST_FIRST(dt_transfer, announcement, &b->list);
  unsigned long long number = t ? t->number : 0;
  if (t)
    forget(b, t);
  pthread_mutex_unlock(&b->list_mutex);
  return number;
}

static struct timespec after(double seconds) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  seconds = seconds > 0 ? seconds : 0;
  seconds = seconds < 3600 ? seconds : 3600;
  t.tv_sec += (time_t)seconds;
  t.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
  if (t.tv_nsec >= 1000000000) {
    t.tv_sec++;
    t.tv_nsec -= 1000000000;
  }
  return t;
}

void dt_background_wait(dt_background *b, const dt_transfer *t,
                        double seconds) {
  struct timespec deadline = after(seconds);
  int error = 0;
  pthread_mutex_lock(&b->list_mutex);
  while (error == 0 &&
         (t ? !t->announced && !dt_driver_is_done(t) : !b->list.first))
    error = pthread_cond_timedwait(&b->announced, &b->list_mutex, &deadline);
  pthread_mutex_unlock(&b->list_mutex);
}

/* Wakes uploads that were fed; returns how many. */
static int wake_fed(dt_driver *d) {
  int woken = 0;
  DT_LIST_EACH (dt_transfer, live, t, &d->live)
    woken += dt_attention_resume(t);
  return woken;
}

/* Announces each transfer that needs Lua, once. */
static void report_needs(dt_background *b) {
  DT_LIST_EACH (dt_transfer, live, t, &b->driver->live)
    if (!t->reported && dt_attention_needs_lua(t)) {
      t->reported = 1;
      pthread_mutex_lock(&b->list_mutex);
      if (!t->announced)
        append(b, t);
      pthread_mutex_unlock(&b->list_mutex);
    }
}

/* Answers the notifier: about transfers that wait to be looked at or are done,
 * at once.  A transfer that nobody waits for any more is broken off. */
static void answer_notifier(dt_background *b) {
  dt_notifier_event event;
  do {
    unsigned long long number = 0;
    dt_transfer *t = DT_LIST_FIRST(dt_transfer, live, &b->driver->live);
    pthread_mutex_lock(&b->list_mutex);
    event = dt_notifier_next(b->notifier, &number);
    while (t && t->number != number)
      t = DT_LIST_NEXT(dt_transfer, live, t);
    if (event == DT_NOTIFIER_ASKED && (!t || t->announced))
      dt_notifier_notify(b->notifier, number);
    pthread_mutex_unlock(&b->list_mutex);
    if (event == DT_NOTIFIER_LEFT && t)
      dt_driver_finish(t, CURLE_ABORTED_BY_CALLBACK);
  } while (event != DT_NOTIFIER_NOTHING);
}

/* A step costs as much as there are transfers.  With many, what happens at
 * nearly the same time shares one, so that the thread takes a fraction of a
 * processor and not all of it; the driver is free meanwhile. */
static void let_gather(dt_background *b) {
  long count = b->driver->count;
  if (count < MANY)
    return;
  long pause = count * PAUSE_EACH;
  struct timespec t = {.tv_nsec =
                           pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE};
  pthread_mutex_unlock(&b->mutex);
  nanosleep(&t, NULL);
  pthread_mutex_lock(&b->mutex);
}

/* One step; the Lua thread, which wants the driver, need not wait for a poll.
 */
static void step(dt_background *b) {
  dt_driver *d = b->driver;
  int idle = 0;
  double seconds = LONGEST_POLL;
  if (b->notifier) {
    answer_notifier(b);
    if (dt_notifier_is_stuck(b->notifier))
      seconds = STUCK_POLL;
    pthread_mutex_lock(&b->list_mutex);
    seconds = dt_notifier_notify_late(b->notifier, dt_sockets_now(), seconds);
    pthread_mutex_unlock(&b->list_mutex);
  }
  dt_driver_perform(d, &idle); /* not only what is live wants to move */
  if (!idle && wake_fed(d) > 0) {
    seconds = FED_POLL;
    dt_driver_perform(d, &idle);
  }
  report_needs(b);
  if (!idle)
    dt_driver_poll(d, seconds);
}

/* Whether there is anything to turn the driver for.  What nobody waits for, as
 * connections made ahead, still has its time. */
static bool has_work(const dt_driver *d) {
  return d->live.first || d->sockets.first || d->warming || d->probes;
}

static void *run(void *arg) {
  dt_background *b = arg;
  pthread_mutex_lock(&b->mutex);
  while (!b->ending) {
    if (__atomic_load_n(&b->entering, __ATOMIC_SEQ_CST) || !has_work(b->driver))
      pthread_cond_wait(&b->turn, &b->mutex);
    else {
      step(b);
      let_gather(b);
    }
  }
  pthread_mutex_unlock(&b->mutex);
  return NULL;
}

/* The thread is given no signals: they are the host's, and Lua's. */
static int create_thread(dt_background *b) {
  sigset_t all, before;
  pthread_attr_t attr;
  int error = pthread_attr_init(&attr);
  if (error)
    return error;
  pthread_attr_setstacksize(&attr, STACK_SIZE);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  error = pthread_create(&b->thread, &attr, run, b);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attr);
  b->running = error == 0;
  if (b->running)
    pthread_setname_np(b->thread, "daytona");
  return error;
}

/* Initialising these cannot fail on Linux, except for memory it never takes. */
static void init_locks(dt_background *b) {
  pthread_condattr_t monotonic;
  pthread_mutex_init(&b->mutex, NULL);
  pthread_mutex_init(&b->list_mutex, NULL);
  pthread_cond_init(&b->turn, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&b->announced, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

/* A step looks after the notifier by itself. */
static void move_notifier(dt_socket *s) {
  (void)s;
}

static unsigned wait_for_notifier(const dt_socket *s, struct curl_waitfd *fds,
                                  double *seconds) {
  (void)seconds;
  fds[0] = (struct curl_waitfd){
      .fd = dt_notifier_fd(s->driver->background->notifier),
      .events = CURL_WAIT_POLLIN};
  return 1;
}

/* Makes what hosts hear by. */
static int open_way(dt_background *b, dt_background_way way) {
  if (way == DT_BY_DESCRIPTOR) {
    b->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return b->fd < 0 ? errno : 0;
  }
  int error = dt_notifier_new(&b->notifier);
  if (error)
    return error;
  b->notifier_socket =
      (dt_socket){.move = move_notifier, .wait_for = wait_for_notifier};
  return dt_sockets_add(b->driver, &b->notifier_socket) == 0 ? 0 : ENOMEM;
}

static const dt_driver_hooks hooks = {.enter = enter,
                                      .leave = leave,
                                      .stop = stop,
                                      .finish = finish,
                                      .served = served};

int dt_background_start(dt_driver *d, dt_background_way way) {
  dt_background *b = malloc(sizeof *b);
  if (!b)
    return ENOMEM;
  *b = (dt_background){.driver = d, .fd = -1, .pid = getpid()};
  init_locks(b);
  int error = open_way(b, way);
  d->background = b;
  d->hooks = &hooks;
  if (!error)
    error = create_thread(b);
  if (error) {
    d->background = NULL;
    dt_background_free(b);
  }
  return error;
}

void dt_background_join(dt_background *b) {
  if (!b->running)
    return;
  enter(b);
  b->ending = 1;
  leave(b);
  pthread_join(b->thread, NULL);
  b->running = 0;
  /* A question may have come that the thread has not read. */
  dt_notifier_close(b->notifier);
}

void dt_background_free(dt_background *b) {
  if (b->fd >= 0)
    close(b->fd);
  dt_sockets_remove(&b->notifier_socket);
  dt_notifier_free(b->notifier);
  if (dt_background_is_here(b)) {
    pthread_mutex_destroy(&b->mutex);
    pthread_mutex_destroy(&b->list_mutex);
    pthread_cond_destroy(&b->turn);
    pthread_cond_destroy(&b->announced);
  }
  free(b);
}
