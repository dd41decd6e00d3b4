#ifndef DL_TOOLBOX_QUEUE_H
#define DL_TOOLBOX_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

/* A place in the queue of commands; the owner's memory from enter to leave. */
typedef struct dl_place {
  struct dl_place *next;
  struct dl_place *previous;
  int64_t since; /* monotonic ms of its turn */
  int wake_fd;   /* while it waits */
  enum { DL_PLACE_WAITS, DL_PLACE_FRESH, DL_PLACE_SETTLED } state;
} dl_place;

#pragma GCC visibility push(hidden)

/* Waits for a turn, to be given back by dl_queue_leave: 0. Otherwise nothing
 * is held: EAGAIN where too many wait already, ETIMEDOUT at the deadline
 * (monotonic ms; < 0: none), ECANCELED if the client on that socket (< 0: no
 * matter) has left, or another errno value. */
int dl_queue_enter(dl_place *place, int client_fd, int64_t deadline);

/* Gives the turn back. */
void dl_queue_leave(dl_place *place);

#pragma GCC visibility pop

#endif
