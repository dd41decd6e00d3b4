#ifndef DL_CONTROL_LIMITS_ENTRY_H
#define DL_CONTROL_LIMITS_ENTRY_H

#include <sched.h>
#include <stdbool.h>

#include "limits.h"

/* How its first process takes them on. */
typedef struct dl_limits_entry {
  int group_fd; /* see dl_cgroup_make; -1: none */
  bool pinned;
  cpu_set_t cores;
} dl_limits_entry;

#pragma GCC visibility push(hidden)

void dl_limits_prepare(dl_limits_entry *entry, const dl_limits *limits);
void dl_limits_enter(const dl_limits_entry *entry);
void dl_limits_release(dl_limits_entry *entry);

#pragma GCC visibility pop

#endif
