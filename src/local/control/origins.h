#ifndef DL_CONTROL_ORIGINS_H
#define DL_CONTROL_ORIGINS_H

#include <jansson.h>

#include "store.h"

/* What a sandbox was made of, where that is no snapshot of everybody's: an
 * object with, as far as they are known, snapshot_id (whose files it gets),
 * parent_id (of which it is a fork) and entrypoint (a JSON array as text). */

#pragma GCC visibility push(hidden)

/* The origin of that sandbox, new; NULL where it has none, or after an error
 * (which is on stderr). */
json_t *dl_origins_read(dl_store *store, const char *sandbox_id);

/* Stores it; NULL is unknown. 0, or -1. */
int dl_origins_write(dl_store *store, const char *sandbox_id,
                     const char *snapshot_id, const char *parent_id,
                     const char *entrypoint);

/* The command that the sandbox runs from its start, a new array of strings;
 * NULL where it has none of its own. */
json_t *dl_origins_entrypoint(dl_store *store, const char *sandbox_id);

/* Forgets those of sandboxes that never came to be. */
void dl_origins_sweep(dl_store *store);

#pragma GCC visibility pop

#endif
