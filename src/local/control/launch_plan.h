#ifndef DL_CONTROL_LAUNCH_PLAN_H
#define DL_CONTROL_LAUNCH_PLAN_H

#include <jansson.h>
#include <stdbool.h>

#include "strbuf.h"
#include "datadir.h"
#include "limits.h"
#include "network_way.h"
#include "walls.h"

/* What the start of a sandbox is made of. */

/* The numbers of the descriptors a toolbox inherits. */
#define DL_LAUNCH_LISTEN_FD 3
#define DL_LAUNCH_CONTROL_FD 4
#define DL_LAUNCH_FILTER_FD 5 /* these bubblewrap itself uses and closes */
#define DL_LAUNCH_INFO_FD 6
#define DL_LAUNCH_GATE_FD 7
#define DL_LAUNCH_VOLUME_FD 8 /* these `confine` uses and closes */
#define DL_LAUNCH_VOLUMES 16
#define DL_LAUNCH_FDS (DL_LAUNCH_VOLUME_FD - 3 + DL_LAUNCH_VOLUMES)

#define DL_LAUNCH_HOME "/home/daytona" /* inside */

/* Where sandboxes look for programs, inside. */
#define DL_LAUNCH_PATH                                                         \
  "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

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

#endif
