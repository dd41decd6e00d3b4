#ifndef DL_CONTROL_CORES_H
#define DL_CONTROL_CORES_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

/* Chooses as many of our cores as the sandbox is given, one sandbox after the
 * other. False: it may have all of them. Only for the thread that starts
 * sandboxes. */
bool dl_cores_choose(int64_t wanted, cpu_set_t *cores);

/* Gives the sandbox whose first process is `pid` so many cores, all that it
 * runs included. Who is forked meanwhile has those of its parent, so it is
 * looked for again. The same thread. */
void dl_cores_give(pid_t pid, int64_t wanted);

#pragma GCC visibility pop

#endif
