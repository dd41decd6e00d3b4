#ifndef DL_TOOLBOX_RUN_H
#define DL_TOOLBOX_RUN_H

#include "strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/* One child process, run to its end with its output collected. Zero it, set
 * the first block, call dl_run_wait, read the second, call dl_run_free. */
typedef struct dl_run {
  const char *const *argv;
  char *const *env;
  const char *cwd;  /* NULL: the daemon's own */
  int input_fd;     /* its standard input; < 0: nothing to read */
  int extra_fd;     /* its descriptor 3; < 0: none */
  int client_fd;    /* who waits for it; < 0: nobody. See dl_queue_enter */
  bool split;       /* standard error goes to `errors` */
  unsigned timeout; /* seconds from now, its turn or not; 0: none */

  dl_strbuf output;
  dl_strbuf errors;
  size_t held;    /* of output and errors together */
  int exit_code;  /* -1: killed by a signal, or not started */
  int failure;    /* errno, if it could not be started */
  bool timed_out; /* its process group was killed; output is incomplete */
} dl_run;

#pragma GCC visibility push(hidden)

/* Runs the child to its end, once it has its turn. See dl_run for what it
 * reads and sets; `failure` is set and exit_code -1 if it was not started. */
void dl_run_wait(dl_run *run);

/* Frees the collected output. */
void dl_run_free(dl_run *run);

/* A sealed in-memory file holding `len` bytes, read position at the start, for
 * use as a child's input. A shell reads a file in blocks and yet leaves the
 * rest of it to its children, where a pipe would cost it a system call for
 * each byte. Returns a close-on-exec descriptor, or -1 with errno. */
int dl_run_file(const char *name, const char *data, size_t len);

#pragma GCC visibility pop

#endif
