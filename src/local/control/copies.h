#ifndef DL_CONTROL_COPIES_H
#define DL_CONTROL_COPIES_H

#include "plane.h"

/* What copies of homes are made for: snapshots, sandboxes that are made of
 * them, and forks. All of it locked. */

typedef enum dl_copies_home {
  DL_HOME_THERE,   /* or it is to be an empty one */
  DL_HOME_COPIED,  /* it is on its way */
  DL_HOME_MISSING, /* and cannot be made any more */
} dl_copies_home;

#pragma GCC visibility push(hidden)

int dl_copies_snapshot(dl_plane *plane, dl_sandbox *sb, const char *id);
int dl_copies_fork(dl_plane *plane, dl_sandbox *parent, dl_sandbox *child);
dl_copies_home dl_copies_home_of(dl_plane *plane, const dl_sandbox *sb);
void dl_copies_settle(dl_plane *plane);
void dl_copies_recover(dl_plane *plane);

#pragma GCC visibility pop

#endif
