#ifndef DL_CONTROL_MOUNTS_H
#define DL_CONTROL_MOUNTS_H

#include <jansson.h>

#include "args.h"
#include "launch_plan.h"
#include "store.h"

/* The volumes of a sandbox: an array of objects as they are on the wire, with
 * volumeId, mountPath and perhaps subpath. */

#pragma GCC visibility push(hidden)

/* The volumes of that sandbox, new; NULL after an error (which is on
 * stderr). */
json_t *dl_mounts_read(dl_store *store, const char *sandbox_id);

/* Stores them in place of those that are there. 0, or -1. */
int dl_mounts_write(dl_store *store, const char *sandbox_id,
                    const json_t *mounts);

/* Forgets those of sandboxes that never came to be: a server ended between the
 * two notes. */
void dl_mounts_sweep(dl_store *store);

/* Opens the directories of the launch's volumes into `fds` (DL_LAUNCH_VOLUMES
 * times -1; the caller closes what is not) and makes the places
 * where they are mounted. 0, or -1 with the reason added to launch->why. */
int dl_mounts_open(const dl_launcher *launcher, const dl_launch *launch,
                   int *fds);

/* Mounts them by their names, which may mean something else by the time that
 * bubblewrap looks: see dl_mounts_check. */
void dl_mounts_args(dl_args *args, const dl_launcher *launcher,
                    const json_t *mounts);

/* What `confine` needs to check them. */
void dl_mounts_check_args(dl_args *args, const json_t *mounts);

/* "volumes COUNT PATH... ...", in the sandbox, before anything of its own runs:
 * what is mounted must be what was opened, however another sandbox has changed
 * the volume meanwhile. The descriptors, which lead outside, are closed. The
 * number of arguments that are done with, or -1 after a message. */
int dl_mounts_check(int argc, char **argv);

#pragma GCC visibility pop

#endif
