#include "children.h"
#include "clock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* One thread waits for all children. The daemon is the subreaper of everything
 * it starts, so processes that were put in the background end up here, too:
 * none stays a zombie, and all can be found when the sandbox stops. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t spawned = PTHREAD_COND_INITIALIZER;
static pthread_cond_t reaped; /* on the monotonic clock */
static dl_child *children;
static bool childless = true; /* no child at all, adopted ones included */
static bool stopping;

static void note_exit(pid_t pid, int status) {
  dl_child **at = &children;
  while (*at && (*at)->pid != pid)
    at = &(*at)->next;
  if (*at) {
    const uint64_t one = 1;
    dl_child *child = *at;
    *at = child->next;
    child->status = status;
    /* An eventfd takes one count without ever blocking. */
    if (write(child->exit_fd, &one, sizeof one) < 0)
      return;
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
  pthread_condattr_t attr;
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&reaped, &attr);
  pthread_condattr_destroy(&attr);
  if (pthread_create(&thread, NULL, reap, NULL))
    return -1;
  pthread_detach(thread);
  return 0;
}

/* Starts a child by spawn(&pid, arg), which returns 0 or an errno value. On 0
 * the caller must keep `child` until exit_fd is readable and then call
 * dl_children_status. Otherwise returns the errno value and holds nothing. */
int dl_children_spawn(dl_child *child, int (*spawn)(pid_t *pid, void *arg),
                      void *arg) {
  int error;
  child->exit_fd = eventfd(0, EFD_CLOEXEC);
  if (child->exit_fd < 0)
    return errno;
  /* Held across the spawn, so that the reaper finds the child in the list
   * however soon it ends. */
  pthread_mutex_lock(&lock);
  error = stopping ? ESHUTDOWN : spawn(&child->pid, arg);
  if (error == 0) {
    child->next = children;
    children = child;
    childless = false;
    pthread_cond_signal(&spawned);
  }
  pthread_mutex_unlock(&lock);
  if (error)
    close(child->exit_fd);
  return error;
}

/* Closes exit_fd and gives the status, as from waitpid. */
int dl_children_status(dl_child *child) {
  int status;
  pthread_mutex_lock(&lock);
  close(child->exit_fd);
  status = child->status;
  pthread_mutex_unlock(&lock);
  return status;
}

typedef struct process {
  pid_t pid;
  pid_t parent;
  bool ours;
} process;

/* Reads the parent's pid from /proc/PID/stat; the name in it, which may hold
 * anything, ends at the last ")". */
static pid_t parent_of(const char *pid) {
  char path[64], text[512];
  char *end;
  ssize_t n;
  int fd, parent = -1;
  snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return -1;
  n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0)
    return -1;
  text[n] = '\0';
  end = strrchr(text, ')');
  if (!end || sscanf(end + 1, " %*c %d", &parent) != 1)
    return -1;
  return parent;
}

static size_t list_processes(process **list) {
  DIR *proc = opendir("/proc");
  struct dirent *entry;
  size_t n = 0, cap = 0;
  *list = NULL;
  while (proc && (entry = readdir(proc))) {
    if (!isdigit((unsigned char)entry->d_name[0]))
      continue;
    if (n == cap) {
      process *more = realloc(*list, (cap + 64) * sizeof *more);
      if (!more)
        break;
      *list = more;
      cap += 64;
    }
    (*list)[n].pid = (pid_t)strtol(entry->d_name, NULL, 10);
    (*list)[n].parent = parent_of(entry->d_name);
    (*list)[n++].ours = false;
  }
  if (proc)
    closedir(proc);
  return n;
}

static bool is_ours(const process *list, size_t n, pid_t pid) {
  size_t i;
  if (pid == getpid())
    return true;
  for (i = 0; i < n; i++) {
    if (list[i].pid == pid)
      return list[i].ours;
  }
  return false;
}

/* Sends a signal to every descendant, whatever group or session it is in. */
static void signal_descendants(int signal_number) {
  process *list;
  size_t i, n = list_processes(&list);
  bool grown = true;
  while (grown) {
    grown = false;
    for (i = 0; i < n; i++) {
      if (!list[i].ours && is_ours(list, n, list[i].parent))
        list[i].ours = grown = true;
    }
  }
  for (i = 0; i < n; i++) {
    if (list[i].ours)
      kill(list[i].pid, signal_number);
  }
  free(list);
}

/* Waits until no descendant is left, at most `ms`. */
static bool wait_childless(int ms) {
  struct timespec until;
  bool done;
  int rc = 0;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += ms / 1000;
  until.tv_nsec += (long)(ms % 1000) * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
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
