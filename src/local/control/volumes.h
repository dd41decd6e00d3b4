#ifndef DL_CONTROL_VOLUMES_H
#define DL_CONTROL_VOLUMES_H

#include "plane.h"

/* Volumes: directories that sandboxes share, and their rows. All of it
 * locked. */

#pragma GCC visibility push(hidden)

json_t *dl_volumes_rows(dl_plane *plane, const char *tail,
                        const json_t *values);
int dl_volumes_find(dl_plane *plane, const char *tail, const char *key,
                    json_t **out);
int dl_volumes_add(dl_plane *plane, const char *name, json_t **out);
int dl_volumes_user(dl_plane *plane, const char *id, char **out);
int dl_volumes_remove(dl_plane *plane, const char *id);
int dl_volumes_used(dl_plane *plane, const char *id);
void dl_volumes_settle(dl_plane *plane);

#pragma GCC visibility pop

#endif
