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

/* Sees to it that those of the catalog have rows. Where the disk is full some
 * may be missing. */
void dl_snapshots_open(dl_plane *plane);

/* The rows that `tail` selects, its `?` taken from `values`: a new array, NULL
 * after an error (which is on stderr). */
json_t *dl_snapshots_rows(dl_plane *plane, const char *tail,
                          const json_t *values);

/* The one with that id, else with that name; *out is new. DL_STORE_*. */
int dl_snapshots_find(dl_plane *plane, const char *key, json_t **out);

/* Notes a new one, whose id goes to `id`. 0, or -1. */
int dl_snapshots_add(dl_plane *plane, const dl_snapshot_row *row,
                     char id[DL_CRYPTO_UUID]);

/* Notes a new state, and has its warm pools looked at; `size` in bytes where it
 * is known by now, else negative. `why`: what went wrong, or NULL. 0, or -1. */
int dl_snapshots_become(dl_plane *plane, const char *id, const char *state,
                        int64_t size, const char *why);

/* Notes that a sandbox is made of it. 0, or -1. */
int dl_snapshots_used(dl_plane *plane, const char *id);

/* Throws its files away and forgets it. 0, or -1: it is still there, and noted
 * as one that is to be removed. */
int dl_snapshots_remove(dl_plane *plane, const char *id);

/* Notes that a sandbox that is to be is made of it, and says in its labels if
 * that is an image's name only. 0, or -1. */
int dl_snapshots_give(dl_plane *plane, dl_sandbox *sb, const json_t *row);

/* The image whose name it has, of the row; NULL: none. */
const char *dl_snapshots_image(const json_t *row);

/* Whether it is of the catalog, everybody's. */
bool dl_snapshots_general(const json_t *row);

/* Whether sandboxes that are made of it get files. */
bool dl_snapshots_has_files(const json_t *row);

#pragma GCC visibility pop

#endif
