#ifndef DL_CONTROL_INSTANTS_H
#define DL_CONTROL_INSTANTS_H

#include "plane.h"

#pragma GCC visibility push(hidden)

/* At the start: what is stored becomes what the wall clock of today has. Where
 * it cannot be written, time goes on as it was stored. 0, or -1 after a
 * message. */
int dl_instants_open(dl_plane *plane);

/* Sees whether the wall clock was set. Locked; the caller has no row in hand.
 * Where the rows cannot be written, time goes on as if it had not been. */
void dl_instants_look(dl_plane *plane);

#pragma GCC visibility pop

#endif
