#ifndef DL_CONTROL_CATALOG_H
#define DL_CONTROL_CATALOG_H

#include <stdint.h>

/* What a sandbox can be made of and where: fixed tables. */

typedef struct dl_snapshot {
  const char *id;
  const char *name;
  int64_t cpu;
  int64_t memory; /* GiB */
  int64_t disk;   /* GiB */
} dl_snapshot;

#pragma GCC visibility push(hidden)

extern const char *const dl_catalog_regions[];   /* the first is the default */
extern const dl_snapshot dl_catalog_snapshots[]; /* likewise; id NULL ends */

/* The region of that name (its id is the same), or NULL. */
const char *dl_catalog_region(const char *name);

/* The snapshot with that id or name, or NULL. */
const dl_snapshot *dl_catalog_snapshot(const char *id_or_name);

#pragma GCC visibility pop

#endif
