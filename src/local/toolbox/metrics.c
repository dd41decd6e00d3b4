#include "clock.h"
#include "daemon.h"
#include "own_use.h"
#include "toolbox/process/child_limits.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

typedef struct cpu_times {
  unsigned long long busy;
  unsigned long long total;
} cpu_times;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static cpu_times last;    /* at the start of the present window */
static double last_share; /* of the window before */

static cpu_times read_cpu(void) {
  unsigned long long t[8] = {0}, idle;
  cpu_times now = {0, 0};
  FILE *f = fopen("/proc/stat", "re");
  if (!f)
    return now;
  if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1],
             &t[2], &t[3], &t[4], &t[5], &t[6], &t[7]) >= 4) {
    for (size_t i = 0; i < 8; i++)
      now.total += t[i];
    idle = t[3] + t[4];
    now.busy = now.total - idle;
  }
  fclose(f);
  return now;
}

/* The same of an isolated sandbox, in ticks: of its processes, and of all its
 * cores since a moment that does not matter. */
static cpu_times read_own_cpu(int64_t ticks, long cores) {
  struct timespec up;
  clock_gettime(CLOCK_MONOTONIC, &up);
  cpu_times now;
  now.busy = (unsigned long long)ticks;
  now.total =
      (unsigned long long)(((double)up.tv_sec + (double)up.tv_nsec / 1e9) *
                           (double)sysconf(_SC_CLK_TCK) * (double)cores);
  return now;
}

/* Percent in use since the call before this one; 0 at the first call. A window
 * shorter than a few clock ticks says nothing, so it is left open. */
static double cpu_used(cpu_times now) {
  pthread_mutex_lock(&lock);
  if (last.total > 0 && now.total >= last.total + 5 && now.busy >= last.busy)
    last_share = 100.0 * (double)(now.busy - last.busy) /
                 (double)(now.total - last.total);
  if (last.total == 0 || now.total >= last.total + 5)
    last = now;
  double share = last_share;
  pthread_mutex_unlock(&lock);
  return share;
}

typedef struct memory {
  json_int_t total, available, cached;
} memory;

static memory read_memory(void) {
  memory m = {0, 0, 0};
  char line[128];
  FILE *f = fopen("/proc/meminfo", "re");
  while (f && fgets(line, sizeof line, f)) {
    long long kb;
    char name[32];
    if (sscanf(line, "%31[^:]: %lld", name, &kb) != 2)
      continue;
    if (strcmp(name, "MemTotal") == 0)
      m.total = kb * 1024;
    else if (strcmp(name, "MemAvailable") == 0)
      m.available = kb * 1024;
    else if (strcmp(name, "Cached") == 0)
      m.cached = kb * 1024;
  }
  if (f)
    fclose(f);
  return m;
}

static long cores(void) {
  cpu_set_t ours;
  return sched_getaffinity(0, sizeof ours, &ours)
             ? sysconf(_SC_NPROCESSORS_ONLN)
             : CPU_COUNT(&ours);
}

/* Of the machine. */
static void add_machine(json_t *body) {
  memory m = read_memory();
  json_object_set_new(body, "cpuUsedPct", json_real(cpu_used(read_cpu())));
  json_object_set_new(body, "memTotal", json_integer(m.total));
  json_object_set_new(body, "memUsed", json_integer(m.total - m.available));
  json_object_set_new(body, "memCache", json_integer(m.cached));
}

/* Of the sandbox alone; what files the kernel keeps for it is not told. */
static void add_own(json_t *body) {
  dl_own_use use = dl_own_use_now();
  json_object_set_new(body, "cpuUsedPct",
                      json_real(cpu_used(read_own_cpu(use.ticks, cores()))));
  json_object_set_new(body, "memTotal",
                      json_integer((json_int_t)dl_child_limits_memory()));
  json_object_set_new(body, "memUsed", json_integer((json_int_t)use.memory));
}

static void add_disk(json_t *body, const char *home) {
  struct statvfs disk;
  if (statvfs(home, &disk))
    return;
  json_int_t unit = (json_int_t)disk.f_frsize;
  json_object_set_new(body, "diskTotal",
                      json_integer((json_int_t)disk.f_blocks * unit));
  json_object_set_new(
      body, "diskUsed",
      json_integer((json_int_t)(disk.f_blocks - disk.f_bfree) * unit));
  json_object_set_new(body, "diskFree",
                      json_integer((json_int_t)disk.f_bavail * unit));
}

/* GET /system/metrics */
void dl_metrics_get(dl_http_request *req) {
  const dl_toolbox *toolbox = dl_daemon_of(req);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  char text[DL_CLOCK_TEXT];
  dl_clock_rfc3339(now, text);
  json_t *body =
      json_pack("{s:I, s:s, s:I}", "cpuCount", (json_int_t)cores(), "timestamp",
                text, "timestampUnix", (json_int_t)now.tv_sec);
  if (toolbox->isolated && dl_child_limits_memory() > 0)
    add_own(body);
  else
    add_machine(body);
  add_disk(body, toolbox->home);
  dl_http_reply_json(req, 200, body);
}
