#include "as.h"

#include <pthread.h>
#include <string.h>

/* The last version whose source is public. What it does was seen on its
 * handlers, with clients that run against them. */
static const dl_as v0_190 = {.name = "v0.190",
                             .version = "v0.190.0",
                             .keeps_lines = true,
                             .looks_for_end = true,
                             .needs_pipe = true,
                             .exit_hangs = true,
                             .ends_group = true,
                             .follows_by_looks = true,
                             /* Seen 1 to 3 times in 600. */
                             .stuck_one_in = 300,
                             /* Seen 4 times in 40. */
                             .lost_one_in = 10,
                             .no_newer = true,
                             .routes_decoded = true,
                             .old_code_run = true,
                             .waits_escaped = true,
                             .old_files = true,
                             .old_interpreter = true,
                             .old_charts = true,
                             .old_git = true,
                             .old_lsp = true,
                             .old_errors = true};

static dl_as now;

/* Behaves as the server of that name from now on. -1 if none is known. */
int dl_as_set(const char *name) {
  if (strcmp(name, v0_190.name) != 0)
    return -1;
  now = v0_190;
  return 0;
}

/* How often it does what the original does once in a while. */
void dl_as_rates(unsigned stuck_one_in, unsigned lost_one_in) {
  now.stuck_one_in = stuck_one_in;
  now.lost_one_in = lost_one_in;
}

/* What to behave as. */
const dl_as *dl_as_now(void) {
  return &now;
}

/* The version that the server says it has. */
const char *dl_as_version(void) {
  return now.version ? now.version : DL_VERSION;
}

/* Whether this is the one of `one_in` times that something happens: the last
 * one of them, so that a spec knows which. `count` is where they are
 * counted. */
bool dl_as_hits(unsigned one_in, unsigned *count) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  bool hits;
  if (one_in == 0)
    return false;
  pthread_mutex_lock(&lock);
  hits = ++*count % one_in == 0;
  pthread_mutex_unlock(&lock);
  return hits;
}
