#ifndef DL_CONTROL_WORKER_H
#define DL_CONTROL_WORKER_H

#include "freeze.h"
#include "plane.h"
#include "watch.h"

#define DL_WORKER_LINE 64
#define DL_WORKER_TAIL 2048

/* A running sandbox, as the supervisor sees it. */
typedef struct dl_worker {
  struct dl_worker *next;
  char *id;
  dl_process process;
  dl_watched *watched;
  dl_freeze *freeze; /* NULL: it is free to run */
  bool still;        /* it is frozen for a copy of its files, see still.c */
  bool isolated;
  bool ready;
  bool stopping;
  bool resizing; /* its toolbox was told, and has not answered */
  bool killed;
  bool late;           /* it was not ready by the deadline */
  int64_t deadline;    /* monotonic ms: when it is killed; 0: never */
  int64_t rests_until; /* the same: how far the freezing is is not looked at
                        * before */
  int64_t log_at;      /* the same: when its log is read again; 0: any time */
  int64_t look_at;     /* the same: when to see how far the freezing is, or
                        * whether it has lasted long enough */
  char line[DL_WORKER_LINE];
  size_t line_len;
  char tail[DL_WORKER_TAIL]; /* the last that was printed */
  size_t tail_len;
} dl_worker;

enum { DL_WORKER_READY = 1, DL_WORKER_ACTIVE = 2, DL_WORKER_RESIZED = 4 };

#pragma GCC visibility push(hidden)

dl_worker *dl_worker_start(const dl_plane *plane, const dl_sandbox *sb,
                           dl_strbuf *why);
unsigned dl_worker_read_control(dl_worker *worker);
void dl_worker_read_log(dl_worker *worker);
void dl_worker_expire(dl_worker *worker);
void dl_worker_resize(dl_worker *worker, const dl_sandbox *sb);
int dl_worker_freeze(dl_worker *worker);
void dl_worker_thaw(dl_worker *worker);
void dl_worker_stop(dl_worker *worker);
void dl_worker_kill(dl_worker *worker);
char *dl_worker_reap(dl_worker *worker);
void dl_worker_free(dl_worker *worker);

#pragma GCC visibility pop

#endif
