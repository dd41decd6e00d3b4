#include "room.h"
#include "clock.h"
#include "disk_usage.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* The toolbox is not among the programs that are killed for writing beyond the
 * disk. It looks itself, the files being those that the server counts; how
 * often follows from how much is uploaded, and from what a look costs. */

#define UNSEEN ((int64_t)16 << 20) /* so little is taken without a look */
#define AGE_MS 2000
#define COST 30 /* a look is followed by so many times its cost */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *places[] = {NULL, "/tmp", "/var/tmp"}; /* home first */
static int64_t limit; /* bytes; 0: none. As `places` constant once it serves */
static int64_t used;  /* at the last look */
static int64_t taken; /* since then */
static int64_t next;  /* when it is time for another one, monotonic ms */

void dl_room_read(const json_t *limits, const char *home) {
  limit = json_integer_value(json_object_get(limits, "disk"));
  places[0] = home;
}

static void look(void) {
  int64_t began = dl_clock_monotonic_ms(), now;
  used = 0;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    used += dl_disk_usage(AT_FDCWD, places[i]);
  taken = 0;
  now = dl_clock_monotonic_ms();
  next = now + AGE_MS + COST * (now - began);
}

int dl_room_take(size_t n) {
  bool fits = true;
  if (limit == 0)
    return 0;
  pthread_mutex_lock(&lock);
  taken += (int64_t)n;
  if (taken > UNSEEN &&
      (used + taken > limit || dl_clock_monotonic_ms() >= next)) {
    look();
    taken = (int64_t)n;
    fits = used + taken <= limit;
  }
  pthread_mutex_unlock(&lock);
  errno = ENOSPC;
  return fits ? 0 : -1;
}
