#ifndef DL_CONTROL_MOUNTS_H
#define DL_CONTROL_MOUNTS_H

#include <jansson.h>

#include "args.h"
#include "launch_plan.h"
#include "store.h"

/* The volumes of a sandbox: an array of objects as they are on the wire, with
 * volumeId, mountPath and perhaps subpath. */

#pragma GCC visibility push(hidden)

json_t *dl_mounts_read(dl_store *store, const char *sandbox_id);
int dl_mounts_write(dl_store *store, const char *sandbox_id,
                    const json_t *mounts);
void dl_mounts_sweep(dl_store *store);
int dl_mounts_open(const dl_launcher *launcher, const dl_launch *launch,
                   int *fds);
void dl_mounts_args(dl_args *args, const dl_launcher *launcher,
                    const json_t *mounts);
void dl_mounts_check_args(dl_args *args, const json_t *mounts);
int dl_mounts_check(int argc, char **argv);

#pragma GCC visibility pop

#endif
