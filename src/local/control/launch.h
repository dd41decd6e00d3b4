#ifndef DL_CONTROL_LAUNCH_H
#define DL_CONTROL_LAUNCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../strbuf.h"
#include "datadir.h"
#include "limits.h"
#include "options.h"
#include "uplink.h"
#include "walls.h"

/* How this server starts sandboxes. */
typedef struct dl_launcher {
  const dl_datadir *dir;
  char *bwrap;    /* path of bubblewrap; NULL: no isolation */
  char *python;   /* what `python` means in sandboxes; NULL: nothing of ours */
  dl_walls walls; /* only with isolation */
  dl_uplink uplink;
} dl_launcher;

/* What one start needs. */
typedef struct dl_launch {
  const char *id;
  dl_limits limits;
  bool network;         /* what the launcher has to give, else none */
  int listen_fd;        /* the toolbox's socket; stays the caller's */
  int uplink_log_fd;    /* where its helper prints; -1: to the server's log */
  const json_t *mounts; /* its volumes, see mounts.h; NULL: none */
  dl_strbuf *why;       /* what is wrong with these; only where there are any */
} dl_launch;

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
