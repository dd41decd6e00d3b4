#include "still.h"

#include <stdio.h>

#include "clock.h"
#include "copier.h"

/* Stands still for a minute at the most: who waits longer for an answer from it
 * has given up, and what a copy would be of that went on meanwhile is of no
 * moment at all. A sandbox that is stopped has as long as it needs. */

static void end(dl_plane *plane, dl_worker *worker, const char *why) {
  fprintf(stderr, "daytona-local: sandbox %s: its copy was given up: %s\n",
          worker->id, why);
  dl_copier_refuse(plane->copier, worker->id, why);
  dl_worker_thaw(worker);
}

static void begin(dl_plane *plane, dl_worker *worker) {
  worker->still = true;
  switch (dl_worker_freeze(worker)) {
    case DL_FREEZE_DONE:
      worker->look_at = dl_clock_monotonic_ms() + plane->minute_ms;
      dl_copier_go(plane->copier, worker->id);
      break;
    case DL_FREEZE_FAILED:
      end(plane, worker, "the sandbox cannot be frozen");
      break;
    default:
      break; /* it is on its way */
  }
}

static void step(dl_plane *plane, dl_worker *worker) {
  switch (dl_copier_phase(plane->copier, worker->id)) {
    case DL_COPY_ASKS:
      if (!worker->stopping) /* else it is copied once it has ended */
        begin(plane, worker);
      break;
    case DL_COPY_READS:
      if (worker->still && worker->look_at <= dl_clock_monotonic_ms())
        end(plane, worker,
            "it takes longer than the sandbox may stand still for it; one that "
            "is stopped can be copied");
      break;
    default:
      if (worker->still)
        dl_worker_thaw(worker);
  }
}

/* Freezes sandboxes whose files are about to be copied, and lets those go on
 * that were. Locked. */
void dl_still_serve(dl_plane *plane, const dl_workers *workers) {
  dl_worker *w;
  for (w = workers->first; w; w = w->next)
    step(plane, w);
}

/* The sandbox is to go on, in order to end: a copy that is being made is none
 * of one moment any more. */
void dl_still_break(dl_plane *plane, dl_worker *worker) {
  if (worker->still)
    end(plane, worker, "the sandbox was stopped meanwhile");
}
