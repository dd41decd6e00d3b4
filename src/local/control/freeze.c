#include "freeze.h"

#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "freeze_inside.h"
#include "limits_cgroup.h"
#include "watch_scan.h"

/* Freezes all processes of a sandbox: by its control group where it has one,
 * else by SIGSTOP, which nobody can ignore: to all at one moment where they
 * have a namespace of their own, else to one after the other. Then others may
 * fork meanwhile, or give their children to another parent, so processes are
 * looked for again until two looks in a row find the same ones, all still; the
 * second goes through every process of the machine. What stood still by itself
 * before is left so when the sandbox goes on. The first process, which is ours,
 * is not frozen. */

#define GIVE_UP_MS 10000
#define QUIET_LOOKS 2

struct dl_freeze {
  char *id;
  dl_seen first;
  bool by_group;
  int64_t deadline; /* monotonic ms */
  int quiet;        /* looks that found the same, all still */
  dl_scan last;     /* what the last look found, parents first */
  dl_scan own;      /* what had been stopped by somebody else */
};

/* Frees it; what is frozen stays so. NULL is fine. */
void dl_freeze_free(dl_freeze *freeze) {
  if (!freeze)
    return;
  dl_scan_free(&freeze->last);
  dl_scan_free(&freeze->own);
  free(freeze->id);
  free(freeze);
}

static int parents_first(const void *a, const void *b) {
  const dl_seen *x = a, *y = b;
  if (x->depth != y->depth)
    return (x->depth > y->depth) - (x->depth < y->depth);
  return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The processes of the sandbox but for the first one. */
static void look(const dl_freeze *freeze, bool everywhere, dl_scan *scan) {
  size_t i, kept = 0;
  memset(scan, 0, sizeof *scan);
  if (!everywhere && dl_scan_has_children()) {
    dl_scan_tree(scan, 0, freeze->first.pid, freeze->first.start);
    dl_scan_sort(scan);
  }
  else {
    dl_scan_read(scan);
    dl_scan_own(scan, 0, freeze->first.pid, freeze->first.start);
    dl_scan_resolve(scan);
  }
  for (i = 0; i < scan->count; i++) {
    if (scan->list[i].owner == 0 && scan->list[i].depth > 0)
      scan->list[kept++] = scan->list[i];
  }
  scan->count = kept;
  if (kept > 0)
    qsort(scan->list, kept, sizeof *scan->list, parents_first);
}

static bool is_same(const dl_seen *a, const dl_seen *b) {
  return a->pid == b->pid && a->start == b->start;
}

static bool has(const dl_scan *scan, const dl_seen *seen) {
  size_t i;
  for (i = 0; i < scan->count; i++) {
    if (is_same(&scan->list[i], seen))
      return true;
  }
  return false;
}

static bool are_same(const dl_scan *a, const dl_scan *b) {
  size_t i;
  if (a->count != b->count)
    return false;
  for (i = 0; i < a->count; i++) {
    if (!is_same(&a->list[i], &b->list[i]))
      return false;
  }
  return true;
}

/* What is stopped before anything was sent was stopped by somebody else. A list
 * that has no room for it is no reason not to freeze: it goes on with the
 * others then. */
static void begin_by_signal(dl_freeze *freeze) {
  dl_scan scan;
  size_t i;
  look(freeze, true, &scan);
  for (i = 0; i < scan.count; i++) {
    if (dl_scan_activity(&scan.list[i]) == DL_SCAN_STOPPED)
      dl_scan_add(&freeze->own, &scan.list[i]);
  }
  if (scan.count > 0)
    dl_freeze_inside(scan.list[0].pid); /* where not, one by one */
  dl_scan_free(&scan);
}

/* Begins to freeze the sandbox whose first process is `pid`; dl_freeze_step
 * does it. NULL without memory, or if the process is gone. For
 * dl_freeze_free. */
dl_freeze *dl_freeze_begin(const char *id, pid_t pid) {
  dl_freeze *freeze = calloc(1, sizeof *freeze);
  if (!freeze)
    return NULL;
  freeze->id = strdup(id);
  if (!freeze->id || !dl_scan_process(pid, &freeze->first)) {
    dl_freeze_free(freeze);
    return NULL;
  }
  freeze->by_group = dl_cgroup_freeze(id, true) == 0;
  if (!freeze->by_group)
    begin_by_signal(freeze);
  freeze->deadline = dl_clock_monotonic_ms() + GIVE_UP_MS;
  return freeze;
}

/* One look. A thread that the kernel does not let be interrupted is as good as
 * stopped once its process was told to: it does nothing of its own before it
 * obeys. */
static void stop_all(dl_freeze *freeze) {
  dl_scan scan;
  bool quiet = true;
  size_t i;
  look(freeze, freeze->quiet > 0, &scan);
  for (i = 0; i < scan.count; i++) {
    switch (dl_scan_activity(&scan.list[i])) {
      case DL_SCAN_STOPPED:
      case DL_SCAN_ENDED:
        break;
      case DL_SCAN_WAITING:
        dl_scan_signal(&scan.list[i], SIGSTOP);
        break;
      case DL_SCAN_RUNNING:
        dl_scan_signal(&scan.list[i], SIGSTOP);
        quiet = false;
        break;
    }
  }
  quiet = quiet && are_same(&scan, &freeze->last);
  freeze->quiet = quiet ? freeze->quiet + 1 : 0;
  dl_scan_free(&freeze->last);
  freeze->last = scan;
}

/* Goes on with it, without waiting: DL_FREEZE_NOT_YET is to be asked again in
 * a moment, DL_FREEZE_FAILED is the end of the patience. */
int dl_freeze_step(dl_freeze *freeze) {
  if (freeze->by_group) {
    if (dl_cgroup_is_frozen(freeze->id))
      return DL_FREEZE_DONE;
  }
  else {
    stop_all(freeze);
    if (freeze->quiet >= QUIET_LOOKS)
      return DL_FREEZE_DONE;
  }
  return dl_clock_monotonic_ms() < freeze->deadline ? DL_FREEZE_NOT_YET
                                                    : DL_FREEZE_FAILED;
}

/* Lets all go on: children before their parents, lest a shell takes one for a
 * job that was stopped. */
void dl_freeze_thaw(dl_freeze *freeze) {
  dl_scan scan;
  size_t i;
  if (freeze->by_group) {
    dl_cgroup_freeze(freeze->id, false);
    return;
  }
  look(freeze, true, &scan);
  for (i = scan.count; i > 0; i--) {
    if (!has(&freeze->own, &scan.list[i - 1]))
      dl_scan_signal(&scan.list[i - 1], SIGCONT);
  }
  dl_scan_free(&scan);
}
