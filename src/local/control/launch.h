#ifndef DL_CONTROL_LAUNCH_H
#define DL_CONTROL_LAUNCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../strbuf.h"
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

char *dl_launch_isolate(dl_launcher *launcher, const dl_datadir *dir);
int dl_launch_open(dl_launcher *launcher, const dl_datadir *dir,
                   const dl_options *options);
int dl_launch_try(const dl_launcher *launcher, int uplink_log_fd,
                  dl_strbuf *said);
void dl_launch_close(dl_launcher *launcher);
char *dl_launch_home(const dl_launcher *launcher, const char *id);
int dl_launch_start(const dl_launcher *launcher, const dl_launch *launch,
                    dl_process *out);
int dl_launch_confine(int argc, char **argv);

#pragma GCC visibility pop

#endif
