#ifndef DL_TOOLBOX_PROCESSES_H
#define DL_TOOLBOX_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A process as /proc had it a moment ago. */
typedef struct dl_process {
  pid_t pid;
  pid_t parent;
  pid_t group;
  pid_t session;
  unsigned long long start; /* with the pid it names a process for ever */
  bool chosen;
} dl_process;

#pragma GCC visibility push(hidden)

/* All living processes; *list is malloc'd. Fewer without memory. */
size_t dl_processes_list(dl_process **list);

/* Chooses the descendants of what is chosen, whatever group or session they
 * are in. */
void dl_processes_choose_descendants(dl_process *list, size_t n);

/* Whether `list`, of another moment, has this very process chosen. */
bool dl_processes_chosen(const dl_process *list, size_t n,
                         const dl_process *process);

/* Whether the process has open what our descriptor is, or its other end. */
bool dl_processes_has_open(pid_t pid, int fd);

#pragma GCC visibility pop

#endif
