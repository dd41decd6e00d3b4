#ifndef DL_CONTROL_INSTANTS_H
#define DL_CONTROL_INSTANTS_H

#include "plane.h"

#pragma GCC visibility push(hidden)

int dl_instants_open(dl_plane *plane);
void dl_instants_look(dl_plane *plane);

#pragma GCC visibility pop

#endif
