#ifndef DL_CONTROL_VOLUMES_H
#define DL_CONTROL_VOLUMES_H

#include "plane.h"

/* Volumes: directories that sandboxes share, and their rows. All of it
 * locked. */

#pragma GCC visibility push(hidden)

/* The rows that `tail` selects, its `?` taken from `values`: a new array of
 * objects by column, NULL after an error (which is on stderr). */
json_t *dl_volumes_rows(dl_plane *plane, const char *tail,
                        const json_t *values);

/* The first row that `tail` selects, with `key` for each `?1`. *out is new.
 * DL_STORE_*. */
int dl_volumes_find(dl_plane *plane, const char *tail, const char *key,
                    json_t **out);

/* Notes a new volume, which dl_volumes_settle is to make. `name`: NULL for its
 * id. *out is its row, new. 0, or -1. */
int dl_volumes_add(dl_plane *plane, const char *name, json_t **out);

/* The name of a sandbox that has the volume, to be freed. DL_STORE_*. */
int dl_volumes_user(dl_plane *plane, const char *id, char **out);

/* Notes that the volume is to be deleted. 0, or -1. */
int dl_volumes_remove(dl_plane *plane, const char *id);

/* Notes that a sandbox begins to use it. 0, or -1. */
int dl_volumes_used(dl_plane *plane, const char *id);

/* Makes what is to be made, and throws away what is to be deleted and no
 * sandbox uses any more: one that is being destroyed may still write. */
void dl_volumes_settle(dl_plane *plane);

#pragma GCC visibility pop

#endif
