#include "spawn.h"
#include "child_limits.h"
#include "fd.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* posix_spawn sets no limits, and set afterwards they would come too late for
 * what the child has started by then. */

#define STACK ((size_t)64 << 10) /* for execvpe's paths */
#define OFFERS 50

/* What the child, in our memory, is to do, and what became of it. */
typedef struct task {
  const dl_spawn *plan;
  sigset_t no_signals;
  int error;
} task;

/* A descriptor that stands where it shall be is made to stay there. */
static int place(int fd, int number) {
  if (fd == number)
    return fcntl(fd, F_SETFD, 0);
  return dup2(fd, number) < 0 ? -1 : 0;
}

/* The first terminal that a session's leader opens becomes its own. */
static int open_terminal(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  return fd < 0 || place(fd, 0) || place(fd, 1) || place(fd, 2) ? -1 : 0;
}

static int open_null(int number) {
  int fd = open("/dev/null", (number ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
  int rc = fd < 0 ? -1 : place(fd, number);
  if (fd > 2)
    close(fd);
  return rc;
}

static int set_files(const dl_spawn *plan) {
  int number, rc = plan->terminal ? open_terminal(plan->terminal) : 0;
  for (number = plan->terminal ? 3 : 0; rc == 0 && number < 4; number++) {
    if (plan->fds[number] >= 0)
      rc = place(plan->fds[number], number);
    else if (number < 3)
      rc = open_null(number);
  }
  if (rc == 0 && plan->cwd)
    rc = chdir(plan->cwd);
  return rc;
}

/* In the child, on a stack of its own, while the thread that made it waits:
 * only system calls, and nothing with an address on that stack, of which a
 * sanitizer would keep notes. The signals are blocked until it is another
 * program. */
#if defined(__SANITIZE_ADDRESS__)
__attribute__((no_sanitize_address))
#endif
static int
run_child(void *arg) {
  task *t = arg;
  const dl_spawn *plan = t->plan;
  int rc;
  dl_signals_reset();
  rc = plan->terminal ? (setsid() < 0 ? -1 : 0) : setpgid(0, 0);
  if (rc == 0)
    rc = set_files(plan);
  t->error = rc ? errno : dl_child_limits_confine();
  if (t->error == 0) {
    sigprocmask(SIG_SETMASK, &t->no_signals, NULL);
    execvpe(plan->argv[0], (char *const *)(uintptr_t)plan->argv, plan->env);
    t->error = errno;
  }
  _exit(127);
}

/* Where memory runs out the kernel takes what was started before the toolbox,
 * however small it is. The child cannot say so itself: until it is another
 * program it is as closed as the toolbox. Best effort. */
static void offer(pid_t pid) {
  const struct timespec moment = {0, 200000};
  char path[64];
  int i, fd = -1;
  snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)pid);
  /* For a moment after it has left this memory it is still as closed as we. */
  for (i = 0; i < OFFERS && fd < 0 && (i == 0 || errno == EACCES); i++) {
    if (i > 0)
      nanosleep(&moment, NULL);
    fd = open(path, O_WRONLY | O_CLOEXEC);
  }
  if (fd >= 0)
    (void)!write(fd, "500", 3);
  dl_fd_close(&fd);
}

/* For dl_children_spawn, `plan` being a dl_spawn: a new process group (or
 * session, with a terminal), all signals at their defaults, the limits of a
 * sandbox, and nothing inherited but what the plan names (every descriptor of
 * the daemon is close-on-exec). 0, or an errno value: then nothing was run. */
int dl_spawn_start(pid_t *pid, int *exit_fd, void *plan) {
  task t = {.plan = plan};
  sigset_t all, before;
  char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED)
    return errno;
  sigemptyset(&t.no_signals);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  /* Returns when the child executes another program, or has ended. */
  *pid = clone(run_child, stack + STACK,
               CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &t, exit_fd);
  if (*pid < 0)
    t.error = errno;
  else if (t.error) {
    waitpid(*pid, NULL, 0); /* unless the reaper was faster */
    dl_fd_close(exit_fd);
  }
  else
    offer(*pid);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  munmap(stack, STACK);
  return t.error;
}
