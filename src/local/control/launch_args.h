#ifndef DL_CONTROL_LAUNCH_ARGS_H
#define DL_CONTROL_LAUNCH_ARGS_H

#include "args.h"
#include "launch.h"

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

#pragma GCC visibility push(hidden)

bool dl_launch_has_uplink(const dl_launcher *launcher, const dl_launch *launch);
void dl_launch_args(dl_args *args, const dl_launcher *launcher,
                    const dl_launch *launch);
void dl_launch_env(dl_args *args, const dl_launcher *launcher,
                   const dl_launch *launch);

#pragma GCC visibility pop

#endif
