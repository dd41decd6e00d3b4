/* Owns the CURLM and every live transfer; the one place that does I/O. */
#ifndef dt_driver_h
#define dt_driver_h

#include "driver_state.h"

#pragma GCC visibility push(hidden)

/* Returns 0, or -1 without memory. */
int dt_driver_open(dt_driver *d);

/* Makes a driver that was opened before a fork the child's own.  Returns 0, or
 * -1 if it was used before, so that its connections are the parent's. */
int dt_driver_adopt(dt_driver *d);

/* Every live transfer ends with CURLE_ABORTED_BY_CALLBACK; frees all. */
void dt_driver_close(dt_driver *d);

/* An easy handle for one transfer: a kept one, or new with '*fresh' set (all
 * its options are then at libcurl's defaults); NULL without memory. */
CURL *dt_driver_take(dt_driver *d, int *fresh);

/* Takes a handle back; it is kept if 'keep' and there is room. */
void dt_driver_give(dt_driver *d, CURL *easy, int keep);

/* Puts a transfer among the live ones; dt_driver_start does it, too. */
void dt_driver_enlist(dt_driver *d, dt_transfer *t);

/* Starts a transfer whose 'easy' is ready. */
CURLMcode dt_driver_start(dt_driver *d, dt_transfer *t);

/* Takes a transfer out, finished or not; harmless when it is not live. */
void dt_driver_stop(dt_transfer *t);

/* Around everything the Lua thread does with the driver or with what belongs to
 * a live transfer: keeps a background driver out.  Nothing between the two may
 * raise. */
static inline void dt_driver_enter(dt_driver *d) {
  if (d->background)
    d->hooks->enter(d->background);
}

static inline void dt_driver_leave(dt_driver *d) {
  if (d->background)
    d->hooks->leave(d->background);
}

/* As dt_driver_stop, for the Lua thread, which has not entered.  Nobody will
 * hear of the transfer from a background driver any more. */
void dt_driver_withdraw(dt_driver *d, dt_transfer *t);

/* Marks a transfer that has left the driver as done, and tells who waits. */
void dt_driver_mark_done(dt_driver *d, dt_transfer *t);

/* To be called, entered, when Lua has done what a transfer needed. */
static inline void dt_driver_served(dt_driver *d, dt_transfer *t) {
  if (d->background && !t->done)
    d->hooks->served(d->background, t);
}

/* Ends a live transfer: takes it out, marks it done, tells who waits. */
void dt_driver_finish(dt_transfer *t, CURLcode code);

/* Appends a transfer that is watched to what is ready; leaves others alone. */
void dt_driver_note_ready(dt_driver *d, dt_transfer *t);

/* Takes a transfer out of what is ready and forgets its tag; harmless where it
 * is not in. */
void dt_driver_unwatch(dt_driver *d, dt_transfer *t);

/* Ends 'warming', if there is one. */
void dt_driver_cool(dt_driver *d);

/* Every live transfer ends with 'code'. */
void dt_driver_abandon(dt_driver *d, CURLcode code);

/* Moves what can be moved at once; '*idle': a transfer finished or none is
 * under way, so there is nothing to poll for. */
void dt_driver_perform(dt_driver *d, int *idle);

/* Waits for something to move, at most 'seconds'. */
void dt_driver_poll(dt_driver *d, double seconds);

/* One perform, then, unless idle, one poll. */
void dt_driver_step(dt_driver *d, double seconds);

#pragma GCC visibility pop
#endif
