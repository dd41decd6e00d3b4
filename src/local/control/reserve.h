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

void dl_reserve_open(dl_reserve *reserve, int dir_fd);
void dl_reserve_keep(dl_reserve *reserve);
bool dl_reserve_release(dl_reserve *reserve);

#pragma GCC visibility pop

#endif
