#ifndef DL_TOOLBOX_CHILDREN_H
#define DL_TOOLBOX_CHILDREN_H

#include <stdbool.h>
#include <sys/types.h>

/* A running child. It lives where its starter put it until `exited`. */
typedef struct dl_child {
  struct dl_child *next;
  pid_t pid;
  int exit_fd; /* a pidfd, readable once the child has ended */
  int status;
} dl_child;

typedef int dl_children_starter(pid_t *pid, int *exit_fd, void *arg);

#pragma GCC visibility push(hidden)

int dl_children_start(void);
int dl_children_spawn(dl_child *child, dl_children_starter *spawn, void *arg);
int dl_children_status(dl_child *child);
void dl_children_stop_all(int grace_ms);
bool dl_children_stopping(void);
void dl_children_signal(const dl_child *child, int number);
void dl_children_end(const dl_child *child, int grace_ms, bool only_group);

#pragma GCC visibility pop

#endif
