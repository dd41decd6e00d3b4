#include "watch.h"
#include "launch_args.h"
#include "limits_cgroup.h"
#include "series.h"
#include "watch_scan.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "disk_usage.h"
#include "thread.h"

/* Holds sandboxes to their memory and disk where the kernel does not: two
 * threads measure what they take, and kill what takes most, as the kernel
 * would for want of memory. A sandbox may be over its limit for as long as it
 * is not looked at. */

#define ID_SIZE 64
#define STACK ((size_t)512 << 10)
#define MEMORY_MS 200  /* between two looks at the memory ... */
#define NEAR_MS 50     /* ... when some sandbox has used half of it */
#define MEMORY_COST 20 /* a look is followed by so many times its cost */
#define DISK_MS 2000   /* the same for the disk */
#define DISK_COST 30
#define WRITES_MS 200 /* how long is looked who writes */

struct dl_watched {
  dl_watched *next;
  char id[ID_SIZE];
  pid_t pid; /* of the first process */
  unsigned long long start;
  int spared; /* depth of the toolbox, which is not killed */
  bool isolated;
  int dir; /* the data directory */
  int64_t memory;
  int64_t shm; /* what its file systems in memory can take at most */
  int64_t disk;
  int64_t cores;
  size_t volumes;
  char volume[DL_LAUNCH_VOLUMES][ID_SIZE]; /* their ids */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t added = PTHREAD_COND_INITIALIZER;
static dl_watched *all;
static bool threads;

/* What one sandbox takes. */
typedef struct use {
  int64_t resident; /* an upper bound */
  int64_t bytes;
  int64_t most; /* of one process that may be killed */
  const dl_seen *largest;
} use;

/* A copy of the list, when it is not empty; NULL without memory. */
static dl_watched *copy_all(size_t *count) {
  size_t n = 0;
  pthread_mutex_lock(&lock);
  while (!all)
    pthread_cond_wait(&added, &lock);
  const dl_watched *w;
  for (w = all; w; w = w->next)
    n++;
  dl_watched *copy;
  copy = calloc(n, sizeof *copy);
  *count = 0;
  for (w = all; copy && w; w = w->next)
    copy[(*count)++] = *w;
  pthread_mutex_unlock(&lock);
  return copy;
}

static void scan_all(dl_scan *scan, const dl_watched *list, size_t count) {
  memset(scan, 0, sizeof *scan);
  if (dl_scan_has_children()) {
    for (size_t i = 0; i < count; i++)
      dl_scan_tree(scan, (int)i, list[i].pid, list[i].start);
    dl_scan_sort(scan);
    return;
  }
  dl_scan_read(scan);
  for (size_t i = 0; i < count; i++)
    dl_scan_own(scan, (int)i, list[i].pid, list[i].start);
  dl_scan_resolve(scan);
}

/* The bytes of files in memory, as a process of the sandbox sees them. */
static int64_t files_in_memory(const dl_seen *seen) {
  static const char *const places[] = {"dev/shm", "run"};
  char path[64];
  struct statvfs fs;
  int64_t sum = 0;
  size_t i;
  for (i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "/proc/%d/root/%s", (int)seen->pid, places[i]);
    if (statvfs(path, &fs) == 0)
      sum += (int64_t)((fs.f_blocks - fs.f_bfree) * fs.f_frsize);
  }
  return sum;
}

/* Looks closely. Memory that is shared is counted once: as files, or as what
 * processes have of it, whichever is more. */
static void measure(const dl_scan *scan, int owner, const dl_watched *w,
                    use *u) {
  int64_t shared = 0, files = 0, part, own;
  for (size_t i = 0; i < scan->count; i++) {
    const dl_seen *seen = &scan->list[i];
    if (seen->owner != owner)
      continue;
    own = dl_scan_memory(seen, &part);
    u->bytes += own;
    shared += part;
    if (seen->depth > w->spared && own + part >= u->most) {
      u->most = own + part;
      u->largest = seen;
    }
  }
  if (u->largest && w->isolated)
    files = files_in_memory(u->largest);
  u->bytes += files > shared ? files : shared;
}

static void tell(const dl_watched *w, const char *what, int64_t bytes,
                 int64_t limit, const dl_seen *seen) {
  fprintf(stderr,
          "daytona-local: sandbox %s: %" PRId64 " MiB of %s, where %" PRId64
          " are its limit: killed process %d of the machine\n",
          w->id, bytes / DL_LIMITS_MIB, what, limit / DL_LIMITS_MIB,
          (int)seen->pid);
}

/* One look at the memory of all. Whether the next one should come soon. */
static bool look_at_memory(const dl_watched *list, size_t count) {
  use *uses = calloc(count, sizeof *uses);
  bool near = false;
  if (!uses)
    return false;
  dl_scan scan;
  scan_all(&scan, list, count);
  for (size_t i = 0; i < scan.count; i++) {
    if (scan.list[i].owner >= 0)
      uses[scan.list[i].owner].resident += scan.list[i].resident;
  }
  for (size_t i = 0; i < count; i++) {
    use *u = &uses[i];
    near = near || u->resident > list[i].memory / 2;
    if (u->resident + list[i].shm <= list[i].memory)
      continue;
    measure(&scan, (int)i, &list[i], u);
    if (u->bytes > list[i].memory && u->largest &&
        dl_scan_signal(u->largest, SIGKILL))
      tell(&list[i], "memory", u->bytes, list[i].memory, u->largest);
  }
  dl_scan_free(&scan);
  free(uses);
  return near;
}

/* What this thread has computed, in ms: on a busy machine a look takes longer,
 * but costs no more. */
static int64_t spent(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void rest(int64_t since, int64_t least, int64_t cost) {
  int64_t ms = (spent() - since) * cost;
  usleep((useconds_t)(ms > least ? ms : least) * 1000);
}

static void *watch_memory(void *unused) {
  (void)unused;
  for (;;) {
    size_t count;
    dl_watched *list = copy_all(&count);
    int64_t since = spent();
    bool near = list && look_at_memory(list, count);
    free(list);
    rest(since, near ? NEAR_MS : MEMORY_MS, MEMORY_COST);
  }
  return NULL;
}

static int64_t disk_of(const dl_watched *w) {
  static const char *const parts[] = {"home", "tmp", "var-tmp"};
  char path[ID_SIZE + 32];
  int64_t sum = 0;
  size_t i;
  for (i = 0; i < sizeof parts / sizeof *parts; i++) {
    snprintf(path, sizeof path, "sandboxes/%s/%s", w->id, parts[i]);
    sum += dl_disk_usage(w->dir, path);
  }
  return sum;
}

/* A volume holds as much as the disk of who writes to it. */
static int64_t largest_volume(const dl_watched *w) {
  char path[ID_SIZE + 32];
  int64_t bytes, most = 0;
  for (size_t i = 0; i < w->volumes; i++) {
    snprintf(path, sizeof path, "volumes/%s", w->volume[i]);
    bytes = dl_disk_usage(w->dir, path);
    if (bytes > most)
      most = bytes;
  }
  return most;
}

typedef struct written {
  int64_t to_disks, to_anything; /* bytes */
} written;

static void read_written(const dl_scan *scan, written *list) {
  for (size_t i = 0; i < scan->count; i++) {
    if (scan->list[i].owner == 0)
      list[i].to_disks = dl_scan_written(&scan->list[i], &list[i].to_anything);
  }
}

/* Who has written most between the two looks: to disks, if one did, else to
 * anything. NULL if nobody did. */
static const dl_seen *most_written(const dl_scan *scan, const dl_watched *w,
                                   const written *from, const written *to) {
  const dl_seen *writer = NULL, *other = NULL;
  written most = {0};
  for (size_t i = 0; i < scan->count; i++) {
    int64_t to_disks = to[i].to_disks - from[i].to_disks;
    int64_t to_anything = to[i].to_anything - from[i].to_anything;
    if (scan->list[i].owner != 0 || scan->list[i].depth <= w->spared)
      continue;
    if (to_disks > most.to_disks) {
      most.to_disks = to_disks;
      writer = &scan->list[i];
    }
    if (to_anything > most.to_anything) {
      most.to_anything = to_anything;
      other = &scan->list[i];
    }
  }
  return writer ? writer : other;
}

/* Kills the process of the sandbox that writes most, if one does. */
static void stop_writing(const dl_watched *w, int64_t bytes) {
  dl_scan scan;
  written *from, *to;
  const dl_seen *writer = NULL;
  scan_all(&scan, w, 1);
  from = calloc(scan.count + 1, sizeof *from);
  to = calloc(scan.count + 1, sizeof *to);
  if (from && to) {
    read_written(&scan, from);
    usleep(WRITES_MS * 1000);
    read_written(&scan, to);
    writer = most_written(&scan, w, from, to);
  }
  if (writer && dl_scan_signal(writer, SIGKILL))
    tell(w, "disk", bytes, w->disk, writer);
  free(from);
  free(to);
  dl_scan_free(&scan);
}

/* Keeps what the sandbox takes now, from time to time. */
static void sample(const dl_watched *w, int64_t bytes) {
  dl_sample now = {.at = dl_clock_now_ms(),
                   .cores = w->cores,
                   .memory_limit = w->memory,
                   .disk = bytes,
                   .disk_limit = w->disk};
  use u = {0};
  int64_t ticks = 0;
  if (!dl_series_due(w->id))
    return;
  dl_scan scan;
  scan_all(&scan, w, 1);
  measure(&scan, 0, w, &u);
  for (size_t i = 0; i < scan.count; i++) {
    if (scan.list[i].owner == 0)
      ticks += scan.list[i].ticks;
  }
  dl_scan_free(&scan);
  now.memory = u.bytes;
  dl_series_add(w->id, (double)ticks / (double)sysconf(_SC_CLK_TCK), &now);
}

static void *watch_disk(void *unused) {
  (void)unused;
  for (;;) {
    size_t count;
    dl_watched *list = copy_all(&count);
    int64_t since = spent();
    for (size_t i = 0; list && i < count; i++) {
      int64_t bytes = disk_of(&list[i]);
      sample(&list[i], bytes);
      if (bytes <= list[i].disk)
        bytes = largest_volume(&list[i]);
      if (bytes > list[i].disk)
        stop_writing(&list[i], bytes);
    }
    free(list);
    rest(since, DISK_MS, DISK_COST);
  }
  return NULL;
}

static void start_threads(void) {
  if (threads)
    return;
  threads = dl_thread_start(watch_disk, NULL, STACK) == 0;
  if (threads && !dl_cgroup_used() &&
      dl_thread_start(watch_memory, NULL, STACK))
    threads = false;
  if (!threads)
    fprintf(stderr, "daytona-local: sandboxes are not watched: no thread\n");
}

dl_watched *dl_watch_add(const dl_limits *limits, pid_t pid, bool isolated,
                         const dl_datadir *dir) {
  dl_watched *w = calloc(1, sizeof *w);
  dl_seen seen;
  if (!w || !dl_scan_process(pid, &seen) || strlen(limits->id) >= ID_SIZE) {
    free(w);
    return NULL;
  }
  strcpy(w->id, limits->id);
  w->pid = pid;
  w->start = seen.start;
  w->spared = isolated ? 2 : 1;
  w->isolated = isolated;
  w->dir = dir->fd;
  w->memory = limits->memory * DL_LIMITS_GIB;
  w->shm = isolated ? dl_limits_shm(limits->memory) + dl_limits_run() : 0;
  w->disk = limits->disk * DL_LIMITS_GIB;
  w->cores = limits->cpu;
  start_threads();
  pthread_mutex_lock(&lock);
  w->next = all;
  all = w;
  pthread_cond_broadcast(&added);
  pthread_mutex_unlock(&lock);
  return w;
}

void dl_watch_volumes(dl_watched *watched, const json_t *mounts) {
  if (!watched)
    return;
  pthread_mutex_lock(&lock);
  size_t i;
  for (i = 0; i < json_array_size(mounts) && i < DL_LAUNCH_VOLUMES; i++)
    snprintf(watched->volume[i], ID_SIZE, "%s",
             json_string_value(
                 json_object_get(json_array_get(mounts, i), "volumeId")));
  watched->volumes = i;
  pthread_mutex_unlock(&lock);
}

void dl_watch_resize(dl_watched *watched, const dl_limits *limits) {
  if (!watched)
    return;
  pthread_mutex_lock(&lock);
  watched->memory = limits->memory * DL_LIMITS_GIB;
  watched->cores = limits->cpu;
  pthread_mutex_unlock(&lock);
}

void dl_watch_remove(dl_watched *watched) {
  dl_watched **at = &all;
  if (!watched)
    return;
  pthread_mutex_lock(&lock);
  while (*at != watched)
    at = &(*at)->next;
  *at = watched->next;
  pthread_mutex_unlock(&lock);
  free(watched);
}
