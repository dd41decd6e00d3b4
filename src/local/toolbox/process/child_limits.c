#include "child_limits.h"

#include <errno.h>
#include <sys/resource.h>

/* The limits of what the toolbox starts. It has none of them itself, lest it
 * fail because of what runs beside it. Constant once it serves, but for the
 * memory, which only grows. */

#define AT_ONCE 128
#define WAITING 1024
#define FRESH_MS 1000
#define OUTPUT (INT64_C(512) << 20)

#define NONE                                                                   \
  { RLIM_INFINITY, RLIM_INFINITY }

static struct {
  struct rlimit memory;    /* bytes of data of a process */
  struct rlimit file;      /* bytes of one file */
  struct rlimit processes; /* threads of all processes, ours too */
  unsigned at_once;
  unsigned waiting;
  unsigned fresh_ms;
} limits = {NONE, NONE, NONE, AT_ONCE, WAITING, FRESH_MS};

static json_int_t number(const json_t *object, const char *name,
                         json_int_t fallback) {
  json_int_t value = json_integer_value(json_object_get(object, name));
  return value > 0 ? value : fallback;
}

/* The least of what is asked for, if anything, and what we have ourselves. */
static void plan(struct rlimit *limit, int resource, json_int_t wanted) {
  if (getrlimit((__rlimit_resource_t)resource, limit))
    limit->rlim_max = RLIM_INFINITY;
  if (wanted > 0 && limit->rlim_max > (rlim_t)wanted)
    limit->rlim_max = (rlim_t)wanted;
  limit->rlim_cur = limit->rlim_max;
}

void dl_child_limits_read(const json_t *object) {
  plan(&limits.memory, RLIMIT_DATA, number(object, "memory", 0));
  plan(&limits.file, RLIMIT_FSIZE, number(object, "file", 0));
  plan(&limits.processes, RLIMIT_NPROC, number(object, "processes", 0));
  limits.at_once = (unsigned)number(object, "at_once", AT_ONCE);
  limits.waiting = (unsigned)number(object, "waiting", WAITING);
  limits.fresh_ms = (unsigned)number(object, "fresh_ms", FRESH_MS);
}

void dl_child_limits_raise(long long ours, long long theirs) {
  struct rlimit own;
  if (getrlimit(RLIMIT_DATA, &own) == 0 && own.rlim_cur != RLIM_INFINITY) {
    own.rlim_cur = (rlim_t)ours < own.rlim_max ? (rlim_t)ours : own.rlim_max;
    setrlimit(RLIMIT_DATA, &own);
  }
  if (limits.memory.rlim_max == RLIM_INFINITY)
    return;
  limits.memory.rlim_max = (rlim_t)theirs;
  limits.memory.rlim_cur = (rlim_t)theirs;
}

int dl_child_limits_confine(void) {
  return setrlimit(RLIMIT_DATA, &limits.memory) ||
                 setrlimit(RLIMIT_FSIZE, &limits.file) ||
                 setrlimit(RLIMIT_NPROC, &limits.processes)
             ? errno
             : 0;
}

int64_t dl_child_limits_memory(void) {
  rlim_t memory = limits.memory.rlim_max;
  return memory == RLIM_INFINITY ? 0 : (int64_t)memory;
}

int64_t dl_child_limits_output(void) {
  rlim_t memory = limits.memory.rlim_max;
  return memory == RLIM_INFINITY ? OUTPUT : (int64_t)(memory / 2);
}

unsigned dl_child_limits_at_once(void) {
  return limits.at_once;
}

unsigned dl_child_limits_fresh_ms(void) {
  return limits.fresh_ms;
}

unsigned dl_child_limits_waiting(void) {
  return limits.waiting;
}
