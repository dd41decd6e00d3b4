#ifndef DL_CONTROL_STILL_H
#define DL_CONTROL_STILL_H

#include "workers.h"

/* A running sandbox stands still while its files are copied, so that the copy
 * is of one moment. */

#pragma GCC visibility push(hidden)

void dl_still_serve(dl_plane *plane, const dl_workers *workers);
void dl_still_break(dl_plane *plane, dl_worker *worker);

#pragma GCC visibility pop

#endif
