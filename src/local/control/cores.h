#ifndef DL_CONTROL_CORES_H
#define DL_CONTROL_CORES_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

bool dl_cores_choose(int64_t wanted, cpu_set_t *cores);
void dl_cores_give(pid_t pid, int64_t wanted);

#pragma GCC visibility pop

#endif
