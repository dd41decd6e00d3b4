/* For LD_PRELOAD: a wall clock that is ahead by the seconds in the file that
 * SPEC_WALL_CLOCK names, which may change at any moment. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long ahead(void) {
  const char *name = getenv("SPEC_WALL_CLOCK");
  FILE *f = name ? fopen(name, "re") : NULL;
  long seconds = 0;
  if (f) {
    if (fscanf(f, "%ld", &seconds) != 1)
      seconds = 0;
    fclose(f);
  }
  return seconds;
}

int clock_gettime(clockid_t id, struct timespec *out) {
  static int (*next)(clockid_t, struct timespec *);
  int rc;
  if (!next)
    *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
  rc = next(id, out);
  if (rc == 0 && id == CLOCK_REALTIME)
    out->tv_sec += ahead();
  return rc;
}
