#ifndef DL_CONTROL_SUPERVISOR_H
#define DL_CONTROL_SUPERVISOR_H

#include "workers.h"

/* The main thread's part: it alone starts and ends sandboxes. */
typedef struct dl_supervisor {
  dl_plane *plane;
  dl_workers workers;
  int signal_fd;    /* signals that end the server */
  bool while_read;  /* so does the loss of stdout's reader */
  int64_t check_at; /* monotonic ms of the next look at the timers */
} dl_supervisor;

#pragma GCC visibility push(hidden)

/* supervisor.c */
void dl_supervisor_run(dl_supervisor *s);
void dl_supervisor_shut(dl_supervisor *s);

/* reconcile.c */
void dl_reconcile_recover(dl_supervisor *s);
void dl_reconcile_pending(dl_supervisor *s);
void dl_reconcile_ready(dl_supervisor *s, dl_worker *worker);
void dl_reconcile_resized(dl_supervisor *s, const dl_worker *worker);
void dl_reconcile_active(dl_supervisor *s, const dl_worker *worker);
void dl_reconcile_ended(dl_supervisor *s, const char *id, const char *how);

/* timers.c */
int64_t dl_timers_interval(const dl_plane *plane);
void dl_timers_check(dl_plane *plane);

#pragma GCC visibility pop

#endif
