#include "limits_entry.h"
#include "cores.h"
#include "limits_cgroup.h"

#include <unistd.h>

#include "fd.h"

/* Before the fork. To be given back by dl_limits_release. */
void dl_limits_prepare(dl_limits_entry *entry, const dl_limits *limits) {
  entry->group_fd = dl_cgroup_make(limits);
  entry->pinned = dl_cores_choose(limits->cpu, &entry->cores);
}

/* In the child: only system calls. What cannot be had is no reason not to run:
 * doctor tells. */
void dl_limits_enter(const dl_limits_entry *entry) {
  if (entry->group_fd >= 0)
    (void)!write(entry->group_fd, "0", 1);
  if (entry->pinned)
    sched_setaffinity(0, sizeof entry->cores, &entry->cores);
}

/* After the fork. */
void dl_limits_release(dl_limits_entry *entry) {
  dl_fd_close(&entry->group_fd);
}
