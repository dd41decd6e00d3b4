#include "supervisor.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "front/kept.h"
#include "front/toolbox_socket.h"
#include "limits_cgroup.h"
#include "pools.h"

#define FIXED 3       /* signals, wake-ups, stdout */
#define PER_ONE 3     /* end, control, log of a worker */
#define LEAVE_MS 1000 /* for groups of processes to become empty at the end */
#define LEAVE_EVERY_MS 20

static int time_left(const dl_supervisor *s) {
  int64_t now = dl_clock_monotonic_ms();
  int64_t until = s->check_at, leave_at = dl_cgroup_leave_at();
  const dl_worker *w;
  for (w = s->workers.first; w; w = w->next) {
    if (w->deadline && w->deadline < until)
      until = w->deadline;
    if (w->look_at && w->look_at < until)
      until = w->look_at;
    if (w->log_at > now && w->log_at < until)
      until = w->log_at;
  }
  if (leave_at < until)
    until = leave_at;
  return until <= now ? 0 : (int)(until - now);
}

static void add(struct pollfd *p, int fd, short events) {
  p->fd = fd; /* poll skips a negative one */
  p->events = events;
  p->revents = 0;
}

static struct pollfd *fill(const dl_supervisor *s, size_t *n) {
  struct pollfd *set = calloc(FIXED + PER_ONE * s->workers.count, sizeof *set);
  struct pollfd *p = set;
  const dl_worker *w;
  int64_t now = dl_clock_monotonic_ms();
  if (!set)
    return NULL;
  add(p++, s->signal_fd, POLLIN);
  add(p++, s->plane->wake_fd, POLLIN);
  add(p++, s->while_read ? STDOUT_FILENO : -1, 0);
  for (w = s->workers.first; w; w = w->next) {
    add(p++, w->process.pid_fd, POLLIN);
    add(p++, w->process.control_fd, POLLIN);
    add(p++, w->log_at > now ? -1 : w->process.log_fd, POLLIN);
  }
  *n = (size_t)(p - set);
  return set;
}

static void finish(dl_supervisor *s, dl_worker *worker, char *how) {
  char *id = worker->id;
  worker->id = NULL;
  dl_toolbox_socket_remove(&s->plane->dir, id);
  dl_cgroup_remove(id);
  dl_workers_remove(&s->workers, worker);
  dl_worker_free(worker);
  dl_reconcile_ended(s, id, how);
  free(id);
  free(how);
}

static void serve_worker(dl_supervisor *s, dl_worker *worker,
                         const struct pollfd *p) {
  unsigned events = 0;
  char *how;
  if (p[2].revents)
    dl_worker_read_log(worker);
  if (p[1].revents)
    events = dl_worker_read_control(worker);
  if (events & DL_WORKER_READY)
    dl_reconcile_ready(s, worker);
  if (events & DL_WORKER_RESIZED)
    dl_reconcile_resized(s, worker);
  if (events & DL_WORKER_ACTIVE)
    dl_reconcile_active(s, worker);
  if (p[0].revents && (how = dl_worker_reap(worker))) {
    finish(s, worker, how);
    return;
  }
  dl_worker_expire(worker);
}

static void serve_workers(dl_supervisor *s, const struct pollfd *p) {
  dl_worker *w, *next;
  for (w = s->workers.first; w; w = next, p += PER_ONE) {
    next = w->next;
    serve_worker(s, w, p);
  }
}

/* One wait and what it brought. Whether the server shall end. */
static bool turn(dl_supervisor *s) {
  dl_plane *plane = s->plane;
  size_t n = 0;
  struct pollfd *set = fill(s, &n);
  uint64_t wakes;
  bool end;
  if (!set || poll(set, n, time_left(s)) < 0) {
    if (!set || errno != EINTR)
      fprintf(stderr, "daytona-local: supervisor: %s\n", strerror(errno));
    end = !set || errno != EINTR;
    free(set);
    return end;
  }
  end = set[0].revents || set[2].revents;
  pthread_mutex_lock(&plane->lock);
  if (set[1].revents)
    (void)!read(plane->wake_fd, &wakes, sizeof wakes);
  serve_workers(s, set + FIXED);
  dl_cgroup_leave();
  if (s->check_at <= dl_clock_monotonic_ms()) {
    s->check_at = dl_clock_monotonic_ms() + dl_timers_interval(plane);
    dl_kept_expire();
    dl_timers_check(plane);
    plane->pools_changed = true;
  }
  if (plane->pools_changed && !plane->stopping)
    dl_pools_fill(plane);
  dl_reconcile_pending(s);
  pthread_mutex_unlock(&plane->lock);
  free(set);
  return end;
}

/* Works until a signal or, with while_read, the loss of stdout's reader. The
 * calling thread must be the main one. */
void dl_supervisor_run(dl_supervisor *s) {
  while (!turn(s))
    ;
}

/* Every running sandbox is to be stopped; an ephemeral one deleted. */
static void stop_all(dl_supervisor *s) {
  dl_plane *plane = s->plane;
  json_t *ids = dl_store_ids(
      plane->store,
      "WHERE desired_state IN ('started', 'paused') AND state <> 'error'",
      NULL);
  json_t *id;
  size_t i;
  dl_sandbox sb = {0};
  json_array_foreach(ids, i, id) {
    if (dl_store_get(plane->store, json_string_value(id), &sb) !=
        DL_STORE_FOUND)
      continue;
    if (sb.state == DL_ARCHIVED)
      dl_plane_wish(&sb, DL_ARCHIVED);
    else if (!dl_sandbox_ephemeral(&sb) || dl_plane_wish_destroyed(&sb))
      dl_plane_wish(&sb, DL_STOPPED);
    dl_plane_save(plane, &sb);
    dl_sandbox_clear(&sb);
  }
  json_decref(ids);
}

/* What runs is stopped even if that could not be noted: the next start finds
 * what is left to do. */
static void stop_workers(dl_supervisor *s) {
  dl_worker *w;
  for (w = s->workers.first; w; w = w->next) {
    if (!w->stopping)
      dl_worker_stop(w);
  }
}

/* The graceful end: no handler runs any more; every sandbox is stopped, those
 * that do not obey are killed after their deadline. */
void dl_supervisor_shut(dl_supervisor *s) {
  pthread_mutex_lock(&s->plane->lock);
  stop_all(s);
  dl_reconcile_pending(s);
  stop_workers(s);
  pthread_mutex_unlock(&s->plane->lock);
  s->signal_fd = -1; /* once is enough */
  s->while_read = false;
  while (s->workers.first && !turn(s))
    ;
  int64_t until = dl_clock_monotonic_ms() + LEAVE_MS;
  while (dl_cgroup_leave_at() < until && dl_clock_monotonic_ms() < until) {
    poll(NULL, 0, LEAVE_EVERY_MS);
    dl_cgroup_leave();
  }
}
