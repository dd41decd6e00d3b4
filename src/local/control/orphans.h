#ifndef DL_CONTROL_ORPHANS_H
#define DL_CONTROL_ORPHANS_H

#include "datadir.h"

#pragma GCC visibility push(hidden)

/* Ends what a server that was killed has left of sandboxes of this data
 * directory, and waits until it is gone, for a second at the most. Before any
 * sandbox is started. */
void dl_orphans_end(const dl_datadir *dir);

#pragma GCC visibility pop

#endif
