#ifndef DL_CONTROL_WATCH_SCAN_H
#define DL_CONTROL_WATCH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A process of this machine as /proc had it a moment ago. */
typedef struct dl_seen {
  pid_t pid;
  pid_t parent;
  unsigned long long start; /* with the pid it names a process for ever */
  int64_t resident;         /* bytes, those shared with others included */
  int64_t ticks;            /* of processor time, with ended children's */
  int owner;                /* index of the sandbox; -1: none */
  int depth;                /* below its first process */
  bool known;               /* whether that was found out */
} dl_seen;

/* What a process is about, its threads taken together. */
typedef enum dl_activity {
  DL_SCAN_RUNNING,
  DL_SCAN_WAITING, /* for the kernel, which lets no signal in meanwhile */
  DL_SCAN_STOPPED,
  DL_SCAN_ENDED
} dl_activity;

/* Born zeroed. */
typedef struct dl_scan {
  dl_seen *list;
  size_t count, capacity;
} dl_scan;

#pragma GCC visibility push(hidden)

/* watch_scan.c */
bool dl_scan_has_children(void);
void dl_scan_tree(dl_scan *scan, int owner, pid_t pid,
                  unsigned long long start);
void dl_scan_sort(dl_scan *scan);
void dl_scan_below(dl_scan *scan, int owner, pid_t pid,
                   unsigned long long start);
void dl_scan_read(dl_scan *scan);
void dl_scan_free(dl_scan *scan);
bool dl_scan_process(pid_t pid, dl_seen *seen);
void dl_scan_own(dl_scan *scan, int owner, pid_t pid, unsigned long long start);
void dl_scan_resolve(dl_scan *scan);
int64_t dl_scan_memory(const dl_seen *seen, int64_t *shared);
int64_t dl_scan_written(const dl_seen *seen);
bool dl_scan_add(dl_scan *scan, const dl_seen *seen);
bool dl_scan_signal(const dl_seen *seen, int number);

/* watch_activity.c */
dl_activity dl_scan_activity(const dl_seen *seen);

#pragma GCC visibility pop

#endif
