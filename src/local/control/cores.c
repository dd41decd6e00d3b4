#include "cores.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_scan.h"

#define MOST_LOOKS 20

bool dl_cores_choose(int64_t wanted, cpu_set_t *cores) {
  static size_t next;
  cpu_set_t ours;
  if (wanted <= 0 || sched_getaffinity(0, sizeof ours, &ours) ||
      CPU_COUNT(&ours) <= wanted)
    return false;
  CPU_ZERO(cores);
  size_t core;
  for (size_t looked = 0; wanted > 0 && looked < CPU_SETSIZE; looked++) {
    core = next;
    next = (next + 1) % CPU_SETSIZE;
    if (CPU_ISSET(core, &ours)) {
      CPU_SET(core, cores);
      wanted--;
    }
  }
  return true;
}

/* Whether some thread of the process had others. */
static bool give(pid_t pid, const cpu_set_t *cores) {
  char path[64];
  bool changed = false;
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *threads = opendir(path);
  cpu_set_t now;
  const struct dirent *entry;
  while (threads && (entry = readdir(threads))) {
    pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
    if (thread <= 0 || sched_getaffinity(thread, sizeof now, &now) ||
        CPU_EQUAL(&now, cores))
      continue;
    changed |= sched_setaffinity(thread, sizeof *cores, cores) == 0;
  }
  if (threads)
    closedir(threads);
  return changed;
}

void dl_cores_give(pid_t pid, int64_t wanted) {
  cpu_set_t cores;
  bool changed = true;
  if (!dl_cores_choose(wanted, &cores) &&
      sched_getaffinity(0, sizeof cores, &cores))
    return;
  dl_seen first;
  dl_scan scan;
  for (int looks = 0; changed && looks < MOST_LOOKS; looks++) {
    memset(&scan, 0, sizeof scan);
    changed = false;
    if (!dl_scan_process(pid, &first))
      return;
    dl_scan_below(&scan, 0, pid, first.start);
    for (size_t i = 0; i < scan.count; i++) {
      if (scan.list[i].owner == 0)
        changed |= give(scan.list[i].pid, &cores);
    }
    dl_scan_free(&scan);
  }
}
