#ifndef DL_CONTROL_LAUNCH_ARGS_H
#define DL_CONTROL_LAUNCH_ARGS_H

#include "args.h"
#include "launch_plan.h"

#pragma GCC visibility push(hidden)

/* Whether a start also needs the helper for its network. */
bool dl_launch_has_uplink(const dl_launcher *launcher, const dl_launch *launch);

/* The command line of a sandbox. `confine` sets what the toolbox and all that
 * it starts have in common; further limits it sets in what it starts. */
void dl_launch_args(dl_args *args, const dl_launcher *launcher,
                    const dl_launch *launch);

/* The whole environment of a sandbox: nothing of the server's, but for PATH
 * where there is no isolation and programs may live anywhere. */
void dl_launch_env(dl_args *args, const dl_launcher *launcher,
                   const dl_launch *launch);

#pragma GCC visibility pop

#endif
