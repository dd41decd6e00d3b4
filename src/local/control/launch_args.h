#ifndef DL_CONTROL_LAUNCH_ARGS_H
#define DL_CONTROL_LAUNCH_ARGS_H

#include "args.h"
#include "launch_plan.h"

#pragma GCC visibility push(hidden)

bool dl_launch_has_uplink(const dl_launcher *launcher, const dl_launch *launch);
void dl_launch_args(dl_args *args, const dl_launcher *launcher,
                    const dl_launch *launch);
void dl_launch_env(dl_args *args, const dl_launcher *launcher,
                   const dl_launch *launch);

#pragma GCC visibility pop

#endif
