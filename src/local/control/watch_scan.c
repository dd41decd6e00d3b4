#include "watch_scan.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* Which processes a sandbox has, and what they take. */

static bool read_file(pid_t pid, const char *name, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  ssize_t n = read(fd, text, size - 1);
  close(fd);
  text[n > 0 ? n : 0] = '\0';
  return n > 0;
}

bool dl_scan_process(pid_t pid, dl_seen *seen) {
  char text[1024];
  const char *end;
  if (!read_file(pid, "stat", text, sizeof text) || !(end = strrchr(text, ')')))
    return false;
  memset(seen, 0, sizeof *seen);
  seen->pid = pid;
  seen->owner = -1;
  unsigned long long user, system;
  long long user_below, system_below;
  long pages;
  if (sscanf(end + 1,
             " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %lld %lld "
             "%*d %*d %*d %*d %llu %*u %ld",
             &seen->parent, &user, &system, &user_below, &system_below,
             &seen->start, &pages) != 7)
    return false;
  seen->ticks = (int64_t)(user + system) + (int64_t)(user_below + system_below);
  seen->resident = (int64_t)pages * sysconf(_SC_PAGESIZE);
  return true;
}

static int by_pid(const void *a, const void *b) {
  pid_t x = ((const dl_seen *)a)->pid, y = ((const dl_seen *)b)->pid;
  return (x > y) - (x < y);
}

/* Makes room for one more. False without memory. */
static bool grow(dl_scan *scan) {
  size_t more = scan->capacity ? scan->capacity * 2 : 64;
  if (scan->count < scan->capacity)
    return true;
  dl_seen *list;
  list = realloc(scan->list, more * sizeof *list);
  if (!list)
    return false;
  scan->list = list;
  scan->capacity = more;
  return true;
}

bool dl_scan_add(dl_scan *scan, const dl_seen *seen) {
  if (!grow(scan))
    return false;
  scan->list[scan->count++] = *seen;
  return true;
}

/* Reads one more process into the list. False if it is gone, or without
 * memory. */
static bool append(dl_scan *scan, pid_t pid) {
  if (!grow(scan) || !dl_scan_process(pid, &scan->list[scan->count]))
    return false;
  scan->count++;
  return true;
}

static void append_child(dl_scan *scan, size_t at, pid_t pid) {
  if (!append(scan, pid))
    return;
  scan->list[scan->count - 1].owner = scan->list[at].owner;
  scan->list[scan->count - 1].depth = scan->list[at].depth + 1;
  scan->list[scan->count - 1].known = true;
}

/* Adds the children that a thread of the process `at` has made: the file is
 * numbers with a blank behind each, and is told in parts. */
static void append_children(dl_scan *scan, size_t at, const char *thread) {
  char path[64];
  pid_t pid = 0;
  snprintf(path, sizeof path, "/proc/%d/task/%.10s/children",
           (int)scan->list[at].pid, thread);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  char part[4096];
  ssize_t n;
  while (fd >= 0 && (n = read(fd, part, sizeof part)) > 0) {
    for (ssize_t i = 0; i < n; i++) {
      if (isdigit((unsigned char)part[i]))
        pid = pid * 10 + (part[i] - '0');
      else if (pid > 0) {
        append_child(scan, at, pid);
        pid = 0;
      }
    }
  }
  if (fd >= 0)
    close(fd);
}

/* Whether this kernel tells the children of a process. */
bool dl_scan_has_children(void) {
  return access("/proc/thread-self/children", R_OK) == 0;
}

void dl_scan_tree(dl_scan *scan, int owner, pid_t pid,
                  unsigned long long start) {
  size_t at = scan->count;
  if (!append(scan, pid))
    return;
  if (scan->list[at].start != start) {
    scan->count = at;
    return;
  }
  scan->list[at].owner = owner;
  scan->list[at].known = true;
  for (; at < scan->count; at++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)scan->list[at].pid);
    DIR *threads = opendir(path);
    struct dirent *entry;
    while (threads && (entry = readdir(threads))) {
      if (isdigit((unsigned char)entry->d_name[0]))
        append_children(scan, at, entry->d_name);
    }
    if (threads)
      closedir(threads);
  }
}

void dl_scan_sort(dl_scan *scan) {
  size_t i, kept = 0;
  if (scan->count > 0)
    qsort(scan->list, scan->count, sizeof *scan->list, by_pid);
  for (i = 0; i < scan->count; i++) {
    if (kept == 0 || scan->list[kept - 1].pid != scan->list[i].pid)
      scan->list[kept++] = scan->list[i];
  }
  scan->count = kept;
}

void dl_scan_read(dl_scan *scan) {
  DIR *proc = opendir("/proc");
  struct dirent *entry;
  while (proc && (entry = readdir(proc))) {
    if (isdigit((unsigned char)entry->d_name[0]))
      append(scan, (pid_t)strtol(entry->d_name, NULL, 10));
  }
  if (proc)
    closedir(proc);
  dl_scan_sort(scan);
}

void dl_scan_free(dl_scan *scan) {
  free(scan->list);
  memset(scan, 0, sizeof *scan);
}

static dl_seen *find(const dl_scan *scan, pid_t pid) {
  dl_seen key = {0};
  key.pid = pid;
  return scan->count > 0 ? bsearch(&key, scan->list, scan->count,
                                   sizeof *scan->list, by_pid)
                         : NULL;
}

void dl_scan_own(dl_scan *scan, int owner, pid_t pid,
                 unsigned long long start) {
  dl_seen *seen = find(scan, pid);
  if (!seen || seen->start != start)
    return;
  seen->owner = owner;
  seen->known = true;
}

/* The way up is as long as somebody makes it, so it is not gone by calls. */
static void resolve(dl_scan *scan, dl_seen *from) {
  dl_seen *top = from, *seen;
  size_t steps = 0;
  while (!top->known && (seen = find(scan, top->parent)) &&
         ++steps < scan->count)
    top = seen;
  int depth = top->depth + (int)steps;
  for (seen = from; seen && !seen->known; seen = find(scan, seen->parent)) {
    seen->known = true;
    seen->owner = top->known ? top->owner : -1;
    seen->depth = depth--;
  }
}

void dl_scan_resolve(dl_scan *scan) {
  for (size_t i = 0; i < scan->count; i++)
    resolve(scan, &scan->list[i]);
}

/* The bytes behind a line "Name:   123 kB"; 0 without it. */
static int64_t kilobytes(const char *text, const char *name) {
  const char *at = strstr(text, name);
  return at ? (int64_t)strtoll(at + strlen(name), NULL, 10) * 1024 : 0;
}

int64_t dl_scan_memory(const dl_seen *seen, int64_t *shared) {
  char text[2048];
  *shared = 0;
  if (read_file(seen->pid, "smaps_rollup", text, sizeof text)) {
    *shared = kilobytes(text, "\nPss_Shmem:");
    return kilobytes(text, "\nPss_Anon:");
  }
  if (read_file(seen->pid, "status", text, sizeof text))
    return kilobytes(text, "\nRssAnon:");
  return 0;
}

static int64_t count_of(const char *text, const char *name) {
  const char *at = strstr(text, name);
  return at ? (int64_t)strtoll(at + strlen(name), NULL, 10) : 0;
}

int64_t dl_scan_written(const dl_seen *seen, int64_t *handed) {
  char text[512];
  *handed = 0;
  if (!read_file(seen->pid, "io", text, sizeof text))
    return 0;
  *handed = count_of(text, "\nwchar: ");
  return count_of(text, "\nwrite_bytes: ");
}

bool dl_scan_signal(const dl_seen *seen, int number) {
  dl_seen now;
  int fd = pidfd_open(seen->pid, 0);
  bool sent = fd >= 0 && dl_scan_process(seen->pid, &now) &&
              now.start == seen->start &&
              pidfd_send_signal(fd, number, NULL, 0) == 0;
  if (fd >= 0)
    close(fd);
  return sent;
}

void dl_scan_below(dl_scan *scan, int owner, pid_t pid,
                   unsigned long long start) {
  if (dl_scan_has_children()) {
    dl_scan_tree(scan, owner, pid, start);
    dl_scan_sort(scan);
    return;
  }
  dl_scan_read(scan);
  dl_scan_own(scan, owner, pid, start);
  dl_scan_resolve(scan);
}
