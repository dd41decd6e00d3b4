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

/* Adds the first process of a sandbox and all below it: far less work than
 * reading every process of the machine. One that changes its parent meanwhile
 * may be missed, until the next look. dl_scan_sort is to follow. */
void dl_scan_tree(dl_scan *scan, int owner, pid_t pid,
                  unsigned long long start);

/* Sorts the list, and leaves each process in it once: one that was given to
 * another parent meanwhile may have been seen twice. */
void dl_scan_sort(dl_scan *scan);

/* The first process of one sandbox and all below it, however this kernel tells
 * them; others may be in the list. */
void dl_scan_below(dl_scan *scan, int owner, pid_t pid,
                   unsigned long long start);

/* All processes; fewer without memory. For dl_scan_free. */
void dl_scan_read(dl_scan *scan);

/* Frees the list. */
void dl_scan_free(dl_scan *scan);

/* Reads one process. The program's name, which may hold anything, ends at the
 * last ")". False if it is gone. */
bool dl_scan_process(pid_t pid, dl_seen *seen);

/* Makes this process the first one of that sandbox. */
void dl_scan_own(dl_scan *scan, int owner, pid_t pid, unsigned long long start);

/* Finds out whose all others are: those that descend from a first one. */
void dl_scan_resolve(dl_scan *scan);

/* The bytes that a process has for itself, and, in *shared, its part of those
 * that are shared memory. What it shares with others by a fork counts in
 * parts. Of one that may not be looked into what it has mapped counts. */
int64_t dl_scan_memory(const dl_seen *seen, int64_t *shared);

/* How many bytes it has written to disks so far, and, in *handed, to anything:
 * the kernel counts no disk for a file system in memory. 0 where that is not
 * told. */
int64_t dl_scan_written(const dl_seen *seen, int64_t *handed);

/* Adds what was seen elsewhere. False without memory. */
bool dl_scan_add(dl_scan *scan, const dl_seen *seen);

/* Sends a signal to this very process. Whether there was one. */
bool dl_scan_signal(const dl_seen *seen, int number);

/* watch_activity.c */
dl_activity dl_scan_activity(const dl_seen *seen);

#pragma GCC visibility pop

#endif
