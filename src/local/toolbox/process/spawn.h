#ifndef DL_TOOLBOX_SPAWN_H
#define DL_TOOLBOX_SPAWN_H

#include <sys/types.h>

/* How a child is started. */
typedef struct dl_spawn {
  const char *const *argv;
  char *const *env;
  const char *cwd; /* NULL: the daemon's own */
  int fds[4];      /* its descriptors 0 to 3; < 0: /dev/null, and no 3 */
  /* Instead of 0 to 2: the terminal it is to control, in a new session. */
  const char *terminal;
} dl_spawn;

#pragma GCC visibility push(hidden)

int dl_spawn_start(pid_t *pid, int *exit_fd, void *plan);

#pragma GCC visibility pop

#endif
