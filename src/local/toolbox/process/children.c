#include "children.h"
#include "clock.h"
#include "processes.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* One thread waits for all children. The daemon is the subreaper of everything
 * it starts, so processes that were put in the background end up here, too:
 * none stays a zombie, and all can be found when the sandbox stops. Who started
 * a child sees its end at the same time by exit_fd, and then takes the status
 * itself where it is the faster one: so nobody waits for two threads to wake,
 * one after the other. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t spawned = PTHREAD_COND_INITIALIZER;
static pthread_cond_t reaped; /* on the monotonic clock */
static dl_child *children;
static bool childless = true; /* no child at all, adopted ones included */
static bool stopping;

/* Takes the child of that number off the list, with its status. Locked. */
static void note_exit(pid_t pid, int status) {
  dl_child **at = &children;
  while (*at && (*at)->pid != pid)
    at = &(*at)->next;
  if (*at) {
    (*at)->status = status;
    *at = (*at)->next;
  }
}

static void *reap(void *unused) {
  (void)unused;
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, 0);
    pthread_mutex_lock(&lock);
    if (pid > 0)
      note_exit(pid, status);
    else if (errno == ECHILD && !children) {
      childless = true;
      pthread_cond_broadcast(&reaped);
      while (!children)
        pthread_cond_wait(&spawned, &lock);
    }
    pthread_cond_broadcast(&reaped);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

/* Starts the thread. Once, before any child is started. 0, or -1. */
int dl_children_start(void) {
  pthread_t thread;
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  dl_clock_cond_init(&reaped);
  if (pthread_create(&thread, NULL, reap, NULL))
    return -1;
  pthread_detach(thread);
  return 0;
}

/* Starts a child by spawn(&pid, &exit_fd, arg), which returns 0 or an errno
 * value. On 0 the caller must keep `child` until exit_fd is readable and then
 * call dl_children_status. Otherwise returns the errno value and holds nothing.
 */
int dl_children_spawn(dl_child *child, dl_children_starter *spawn, void *arg) {
  int error;
  /* Held across the spawn, so that the reaper finds the child in the list
   * however soon it ends. */
  pthread_mutex_lock(&lock);
  error = stopping ? ESHUTDOWN : spawn(&child->pid, &child->exit_fd, arg);
  if (error == 0) {
    child->next = children;
    children = child;
    childless = false;
    pthread_cond_signal(&spawned);
  }
  pthread_mutex_unlock(&lock);
  return error;
}

static bool is_listed(const dl_child *child) {
  const dl_child *at = children;
  while (at && at != child)
    at = at->next;
  return at != NULL;
}

/* As from waitpid */
static int status_of(const siginfo_t *info) {
  if (info->si_code == CLD_EXITED)
    return (info->si_status & 0xff) << 8;
  return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* Closes exit_fd and gives the status, as from waitpid. */
int dl_children_status(dl_child *child) {
  pthread_mutex_lock(&lock);
  while (is_listed(child)) {
    siginfo_t info = {0};
    struct timespec until = dl_clock_after(20);
    if (waitid(P_PIDFD, (id_t)child->exit_fd, &info, WEXITED | WNOHANG) == 0 &&
        info.si_pid != 0)
      note_exit(child->pid, status_of(&info));
    else /* the thread has it and is about to say so */
      pthread_cond_timedwait(&reaped, &lock, &until);
  }
  pthread_mutex_unlock(&lock);
  close(child->exit_fd);
  return child->status;
}

/* Sends a signal to every descendant of the daemon. */
static void signal_descendants(int number) {
  dl_process *list;
  size_t i, n = dl_processes_list(&list);
  for (i = 0; i < n; i++)
    list[i].chosen = list[i].parent == getpid();
  dl_processes_choose_descendants(list, n);
  for (i = 0; i < n; i++) {
    if (list[i].chosen)
      kill(list[i].pid, number);
  }
  free(list);
}

/* Waits until no descendant is left, at most `ms`. */
static bool wait_childless(int ms) {
  struct timespec until = dl_clock_after(ms);
  bool done;
  int rc = 0;
  pthread_mutex_lock(&lock);
  while (!childless && rc == 0)
    rc = pthread_cond_timedwait(&reaped, &lock, &until);
  done = childless;
  pthread_mutex_unlock(&lock);
  return done;
}

/* Lets no new child start, asks all descendants to end by SIGTERM and kills
 * those that are left after `grace_ms`. */
void dl_children_stop_all(int grace_ms) {
  int round;
  pthread_mutex_lock(&lock);
  stopping = true;
  pthread_mutex_unlock(&lock);
  if (wait_childless(0))
    return;
  signal_descendants(SIGTERM);
  if (wait_childless(grace_ms))
    return;
  /* A process may fork while the list is read: look again. */
  for (round = 0; round < 10; round++) {
    signal_descendants(SIGKILL);
    if (wait_childless(100))
      return;
  }
}

/* Whether the sandbox is being stopped: children then end because of that. */
bool dl_children_stopping(void) {
  bool is;
  pthread_mutex_lock(&lock);
  is = stopping;
  pthread_mutex_unlock(&lock);
  return is;
}

static bool is_running(const dl_child *child) {
  bool found;
  pthread_mutex_lock(&lock);
  found = is_listed(child);
  pthread_mutex_unlock(&lock);
  return found;
}

/* Chooses in `now` the child with its process group and session, what was
 * chosen in `seen` before, and the descendants of all these. Once the child is
 * gone its number may belong to another, who then leads a group of that
 * number. */
static void choose_tree(dl_process *now, size_t n, const dl_child *child,
                        const dl_process *seen, size_t n_seen,
                        bool only_group) {
  bool running = is_running(child), taken = false;
  size_t i;
  for (i = 0; i < n; i++)
    taken |= !running && now[i].pid == child->pid;
  for (i = 0; i < n; i++)
    now[i].chosen = (!taken && (now[i].group == child->pid ||
                                now[i].session == child->pid)) ||
                    dl_processes_chosen(seen, n_seen, &now[i]);
  if (!only_group)
    dl_processes_choose_descendants(now, n);
}

/* Asks those that were not asked before to end, or kills all. Returns how many
 * there are. */
static size_t end_chosen(const dl_process *now, size_t n,
                         const dl_process *seen, size_t n_seen, bool force) {
  size_t i, count = 0;
  for (i = 0; i < n; i++) {
    if (!now[i].chosen)
      continue;
    count++;
    if (force)
      kill(now[i].pid, SIGKILL);
    else if (!dl_processes_chosen(seen, n_seen, &now[i]))
      kill(now[i].pid, SIGTERM);
  }
  return count;
}

/* Sends a signal to the child's process group, unless the child has ended. */
void dl_children_signal(const dl_child *child, int number) {
  pthread_mutex_lock(&lock);
  if (is_listed(child))
    kill(-child->pid, number);
  pthread_mutex_unlock(&lock);
}

/* Ends a child that was started as the leader of a process group, with all
 * that came of it and can still be found: its group, the session it may lead,
 * and (unless `only_group`) every descendant. By SIGTERM; by SIGKILL what is
 * left after `grace_ms`. Returns when nothing is left; it may be called after
 * the child has ended. */
void dl_children_end(const dl_child *child, int grace_ms, bool only_group) {
  int64_t deadline = dl_clock_monotonic_ms() + grace_ms;
  dl_process *seen = NULL, *now;
  size_t n_seen = 0, n, left;
  int killed = 0;
  do {
    struct timespec until = dl_clock_after(20);
    bool force = dl_clock_monotonic_ms() >= deadline;
    n = dl_processes_list(&now);
    choose_tree(now, n, child, seen, n_seen, only_group);
    left = end_chosen(now, n, seen, n_seen, force);
    free(seen);
    seen = now;
    n_seen = n;
    killed += force;
    if (left > 0) {
      pthread_mutex_lock(&lock);
      pthread_cond_timedwait(&reaped, &lock, &until);
      pthread_mutex_unlock(&lock);
    }
  } while (left > 0 && killed < 100);
  free(seen);
}
