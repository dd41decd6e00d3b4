#include "spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>

/* The first terminal that a session's leader opens becomes its own. */
static int add_terminal(const dl_spawn *plan,
                        posix_spawn_file_actions_t *todo) {
  int error =
      posix_spawn_file_actions_addopen(todo, 0, plan->terminal, O_RDWR, 0);
  if (error == 0)
    error = posix_spawn_file_actions_adddup2(todo, 0, 1);
  if (error == 0)
    error = posix_spawn_file_actions_adddup2(todo, 0, 2);
  return error;
}

static int add_files(const dl_spawn *plan, posix_spawn_file_actions_t *todo) {
  int fd, error = plan->terminal ? add_terminal(plan, todo) : 0;
  for (fd = plan->terminal ? 3 : 0; error == 0 && fd < 4; fd++) {
    if (plan->fds[fd] >= 0)
      error = posix_spawn_file_actions_adddup2(todo, plan->fds[fd], fd);
    else if (fd < 3)
      error = posix_spawn_file_actions_addopen(todo, fd, "/dev/null",
                                               fd ? O_WRONLY : O_RDONLY, 0);
  }
  if (error == 0 && plan->cwd)
    error = posix_spawn_file_actions_addchdir_np(todo, plan->cwd);
  return error;
}

/* For dl_children_spawn, `plan` being a dl_spawn: a new process group (or
 * session, with a terminal), all signals at their defaults, and nothing
 * inherited but what the plan names (every descriptor of the daemon is
 * close-on-exec). 0, or an errno value. */
int dl_spawn_start(pid_t *pid, void *arg) {
  const dl_spawn *plan = arg;
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attr;
  sigset_t none, defaults;
  int error = posix_spawn_file_actions_init(&files);
  if (error)
    return error;
  error = posix_spawnattr_init(&attr);
  if (error) {
    posix_spawn_file_actions_destroy(&files);
    return error;
  }
  sigemptyset(&none);
  /* sigfillset leaves two out, which the C library has ignored then. */
  memset(&defaults, 0xff, sizeof defaults);
  posix_spawnattr_setflags(
      &attr,
      (short)((plan->terminal ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP) |
              POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  posix_spawnattr_setpgroup(&attr, 0);
  posix_spawnattr_setsigmask(&attr, &none);
  posix_spawnattr_setsigdefault(&attr, &defaults);
  error = add_files(plan, &files);
  if (error == 0)
    error = posix_spawnp(pid, plan->argv[0], &files, &attr,
                         (char *const *)(uintptr_t)plan->argv, plan->env);
  posix_spawnattr_destroy(&attr);
  posix_spawn_file_actions_destroy(&files);
  return error;
}
