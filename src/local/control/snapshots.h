#ifndef DL_CONTROL_SNAPSHOTS_H
#define DL_CONTROL_SNAPSHOTS_H

#include "plane.h"

/* The rows of snapshots, as objects by column. Those of the catalog are there,
 * too, and have no files. All of it locked. */

/* A snapshot that is to be. */
typedef struct dl_snapshot_row {
  const char *name;
  const char *state;
  const char *image;      /* or NULL */
  const char *entrypoint; /* a JSON array as text, or NULL */
  const char *source;     /* the sandbox that it is of, or NULL */
  int64_t cpu, memory, disk;
} dl_snapshot_row;

#pragma GCC visibility push(hidden)

void dl_snapshots_open(dl_plane *plane);
json_t *dl_snapshots_rows(dl_plane *plane, const char *tail,
                          const json_t *values);
int dl_snapshots_find(dl_plane *plane, const char *key, json_t **out);
int dl_snapshots_add(dl_plane *plane, const dl_snapshot_row *row,
                     char id[DL_CRYPTO_UUID]);
int dl_snapshots_become(dl_plane *plane, const char *id, const char *state,
                        int64_t size, const char *why);
int dl_snapshots_used(dl_plane *plane, const char *id);
int dl_snapshots_remove(dl_plane *plane, const char *id);
bool dl_snapshots_general(const json_t *row);
bool dl_snapshots_has_files(const json_t *row);

#pragma GCC visibility pop

#endif
