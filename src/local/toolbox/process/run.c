#include "run.h"
#include "as.h"
#include "clock.h"
#include "children.h"
#include "fd.h"
#include "child_limits.h"
#include "queue.h"
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_SIZE ((size_t)64 << 10)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t held; /* by all that run, in bytes */

/* Whether so much more may be held. */
static bool hold(dl_run *run, size_t n) {
  pthread_mutex_lock(&lock);
  bool fits = held + (int64_t)n <= dl_child_limits_output();
  if (fits) {
    held += (int64_t)n;
    run->held += n;
  }
  pthread_mutex_unlock(&lock);
  return fits;
}

/* Reads what is there, though not for ever from one that writes for ever;
 * closes the pipe at its end or without memory. */
static void drain(dl_run *run, int *fd, dl_strbuf *to) {
  for (int round = 0; round < 16; round++) {
    if (dl_strbuf_reserve(to, READ_SIZE)) {
      dl_fd_close(fd);
      return;
    }
    ssize_t n = read(*fd, to->data + to->len, READ_SIZE);
    if (n > 0 && !hold(run, (size_t)n)) {
      to->failed = true;
      dl_fd_close(fd);
      return;
    }
    if (n > 0) {
      to->len += (size_t)n;
      to->data[to->len] = '\0';
    }
    else if (n < 0 && errno == EINTR)
      continue;
    else if (n < 0 && errno == EAGAIN)
      return;
    else {
      dl_fd_close(fd);
      return;
    }
  }
}

/* Collects output until the child has ended and nobody holds its pipes any
 * more, or the deadline passes. */
static void collect(dl_run *run, const dl_child *child, int pipes[2],
                    int64_t deadline) {
  bool exited = false;
  while (!exited || pipes[0] >= 0 || pipes[1] >= 0) {
    struct pollfd fds[3] = {{pipes[0], POLLIN, 0},
                            {pipes[1], POLLIN, 0},
                            {exited ? -1 : child->exit_fd, POLLIN, 0}};
    int wait = run->timed_out ? -1 : dl_clock_left(deadline);
    int n = poll(fds, 3, wait);
    if (n == 0 && dl_clock_left(deadline) == 0) {
      run->timed_out = true;
      kill(-child->pid, SIGKILL);
      /* Who escaped from the group may hold the pipes for ever. */
      if (!dl_as_now()->waits_escaped) {
        dl_fd_close(&pipes[0]);
        dl_fd_close(&pipes[1]);
      }
    }
    if (n <= 0)
      continue;
    if (fds[2].revents)
      exited = true;
    if (fds[0].revents)
      drain(run, &pipes[0], &run->output);
    if (fds[1].revents)
      drain(run, &pipes[1], &run->errors);
  }
}

static void start_and_collect(dl_run *run, int64_t deadline) {
  int out[2] = {-1, -1}, err[2] = {-1, -1}, pipes[2], status;
  dl_spawn plan = {run->argv, run->env, run->cwd, {run->input_fd, -1, -1, -1}};
  if (dl_fd_pipe(&out[0], &out[1], true) ||
      (run->split && dl_fd_pipe(&err[0], &err[1], true))) {
    run->failure = errno;
    dl_fd_close(&out[0]);
    dl_fd_close(&out[1]);
    return;
  }
  plan.fds[1] = out[1];
  plan.fds[2] = run->split ? err[1] : out[1];
  plan.fds[3] = run->extra_fd;
  dl_child child;
  run->failure = dl_children_spawn(&child, dl_spawn_start, &plan);
  dl_fd_close(&out[1]);
  dl_fd_close(&err[1]);
  pipes[0] = out[0];
  pipes[1] = err[0];
  if (run->failure == 0) {
    collect(run, &child, pipes, deadline);
    status = dl_children_status(&child);
    if (WIFEXITED(status))
      run->exit_code = WEXITSTATUS(status);
  }
  dl_fd_close(&pipes[0]);
  dl_fd_close(&pipes[1]);
}

void dl_run_wait(dl_run *run) {
  int64_t deadline = -1;
  if (run->timeout)
    deadline = dl_clock_monotonic_ms() + (int64_t)run->timeout * 1000;
  run->exit_code = -1;
  dl_place place;
  run->failure = dl_queue_enter(&place, run->client_fd, deadline);
  if (run->failure == 0) {
    start_and_collect(run, deadline);
    dl_queue_leave(&place);
  }
  else if (run->failure == ETIMEDOUT) {
    run->failure = 0;
    run->timed_out = true;
  }
}

void dl_run_free(dl_run *run) {
  pthread_mutex_lock(&lock);
  held -= (int64_t)run->held;
  run->held = 0;
  pthread_mutex_unlock(&lock);
  dl_strbuf_free(&run->output);
  dl_strbuf_free(&run->errors);
}

int dl_run_file(const char *name, const char *data, size_t len) {
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0)
    return -1;
  if (dl_fd_write_all(fd, data, len)) {
    dl_fd_close(&fd);
    return -1;
  }
  fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK);
  lseek(fd, 0, SEEK_SET);
  return fd;
}
