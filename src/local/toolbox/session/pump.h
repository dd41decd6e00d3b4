#ifndef DL_TOOLBOX_SESSION_PUMP_H
#define DL_TOOLBOX_SESSION_PUMP_H

#include "session.h"

enum { DL_PUMP_OUTPUT, DL_PUMP_ERRORS, DL_PUMP_STREAMS };

/* What moves the output of a session's commands, one after another, to their
 * logs. For one thread. */
typedef struct dl_pump {
  dl_session *session;
  dl_command *command;
  int from[DL_PUMP_STREAMS];
  int hold[DL_PUMP_STREAMS]; /* our own ends: no end before the status */
  int kept[DL_PUMP_STREAMS]; /* of commands that are done, by the shell */
  int status_fd;
  int status_end;
  bool is_known; /* the exit code is */
  int exit_code;
  bool is_gone;    /* the shell is */
  bool has_status; /* the shell has told it */
  int reads_left;
  dl_strbuf partial[DL_PUMP_STREAMS]; /* lines not at their end, see dl_as */
  char buffer[64 << 10];
} dl_pump;

#pragma GCC visibility push(hidden)

/* A pump for a session's commands; NULL without memory. */
dl_pump *dl_pump_new(dl_session *session);

/* Frees it. */
void dl_pump_free(dl_pump *p);

/* Runs a command until all its output has come and p->exit_code is set. -1 with
 * errno if it cannot be started. */
int dl_pump_run(dl_pump *p, dl_command *command);

/* Waits for something to happen to the session between commands, at most so
 * long (-1: for ever). */
void dl_pump_wait(dl_pump *p, int timeout_ms);

#pragma GCC visibility pop

#endif
