#ifndef DL_CONTROL_RESERVE_H
#define DL_CONTROL_RESERVE_H

#include <stdbool.h>

/* A file that holds some of the disk, to be given back when the disk is full:
 * what makes room again (a stop, a deletion) needs a little room itself. */
typedef struct dl_reserve {
  int dir_fd; /* of the data directory; not owned */
  bool held;
} dl_reserve;

#pragma GCC visibility push(hidden)

/* Begins without one: what an earlier server kept is room for this start. */
void dl_reserve_open(dl_reserve *reserve, int dir_fd);

/* Takes the reserve if there is none and the disk has room for it. */
void dl_reserve_keep(dl_reserve *reserve);

/* Gives it back. Whether that made room, so that trying again makes sense;
 * errno stays as it was. */
bool dl_reserve_release(dl_reserve *reserve);

#pragma GCC visibility pop

#endif
