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

/* Begins to copy the sandbox as the snapshot of that id, which is noted. 0, or
 * -1. */
int dl_copies_snapshot(dl_plane *plane, dl_sandbox *sb, const char *id);

/* Begins to copy the parent's files for a child, which is noted, with its
 * origin. 0, or -1. */
int dl_copies_fork(dl_plane *plane, dl_sandbox *parent, dl_sandbox *child);

/* Whether the sandbox has its home. Where it is to be copied from a snapshot
 * that begins. */
dl_copies_home dl_copies_home_of(dl_plane *plane, const dl_sandbox *sb);

/* Notes what became of copies that are done. */
void dl_copies_settle(dl_plane *plane);

/* At the start of the server: what was being made is no more. */
void dl_copies_recover(dl_plane *plane);

#pragma GCC visibility pop

#endif
