#ifndef DL_CONTROL_LAUNCH_H
#define DL_CONTROL_LAUNCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "strbuf.h"
#include "launch_plan.h"
#include "options.h"

/* A started sandbox: the outermost process. */
typedef struct dl_process {
  pid_t pid;
  int pid_fd;       /* readable when it has ended */
  int control_fd;   /* to the toolbox */
  int log_fd;       /* what is printed before and by the toolbox */
  pid_t uplink_pid; /* the helper for its network; -1: none */
} dl_process;

#pragma GCC visibility push(hidden)

/* Finds bubblewrap and tries it once. NULL where sandboxes can be isolated,
 * else why not, to be freed; dl_launch_close in any case. `dir` must outlive
 * the launcher. */
char *dl_launch_isolate(dl_launcher *launcher, const dl_datadir *dir);

/* Finds out how sandboxes are started. 0, or -1 after a message on stderr;
 * `options` must outlive the launcher, else as dl_launch_isolate. */
int dl_launch_open(dl_launcher *launcher, const dl_datadir *dir,
                   const dl_options *options);

/* Runs a sandbox without a toolbox, which shows whether one can be made, and,
 * where its network needs a helper, whether that works. What was printed is
 * added to `said`, what the helper prints goes to its descriptor. 0, or -1. */
int dl_launch_try(const dl_launcher *launcher, int uplink_log_fd,
                  dl_strbuf *said);

/* Frees what it holds. */
void dl_launch_close(dl_launcher *launcher);

/* The home directory as the toolbox sees it. To be freed; NULL without
 * memory. */
char *dl_launch_home(const dl_launcher *launcher, const char *id);

/* Starts the process of a sandbox, making its home when it has none. The
 * calling thread must live as long as the sandbox: its end would kill it
 * (--die-with-parent). 0 and the open descriptors, or -1 with errno. */
int dl_launch_start(const dl_launcher *launcher, const dl_launch *launch,
                    dl_process *out);

/* "confine DATA FILES ...": sets the limits of this process and all that it
 * will start; those of the data can be raised by it (0: leave it). 0, or -1
 * after a message. */
int dl_launch_confine(int argc, char **argv);

#pragma GCC visibility pop

#endif
