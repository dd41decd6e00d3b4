#ifndef DL_TOOLBOX_INTERPRETER_JOB_H
#define DL_TOOLBOX_INTERPRETER_JOB_H

#include "interpreter.h"
#include "strbuf.h"
#include "websocket/websocket.h"

/* How a piece of code ended. */
typedef enum dl_job_end {
  DL_JOB_RUNS,
  DL_JOB_COMPLETED,
  DL_JOB_INTERRUPTED, /* it says so itself */
  DL_JOB_TIMED_OUT,
  DL_JOB_DIED,   /* its worker did */
  DL_JOB_DELETED /* its context was */
} dl_job_end;

/* A piece of code that has its turn. Zero it and set the first block. */
typedef struct dl_job {
  dl_context *context; /* with a worker */
  dl_turn *turn;
  dl_websocket *ws;
  const char *request; /* the line for the worker */
  size_t len;
  unsigned timeout; /* seconds; 0: none */

  bool alone; /* the client is gone: nothing is sent any more */
  size_t sent;
  int64_t deadline; /* < 0: none */
  bool signalled;   /* the time is over and it was told */
  bool died;
  size_t said; /* lines in the second that began at `since` */
  int64_t since;
  bool closed[2];    /* the code has closed its standard output, error */
  dl_strbuf lines;   /* of the channel, not complete */
  dl_strbuf tail[2]; /* a character of standard output, error, cut off */
  dl_job_end end;
} dl_job;

#pragma GCC visibility push(hidden)

/* Runs the code in the context's worker and tells the client all about it, but
 * for the close. Afterwards `end` is set; the worker may have to be stopped. */
void dl_job_run(dl_job *job);

#pragma GCC visibility pop

#endif
