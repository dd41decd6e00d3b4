#ifndef DL_WAYS_H
#define DL_WAYS_H

#include <stdbool.h>
#include <stddef.h>

#define DL_WAYS_PIPE ((size_t)64 << 10)

/* One direction between two connected sockets. */
typedef struct dl_way {
  int from, to;
  bool ended; /* nothing more comes */
  bool shut;  /* and the receiver knows it */
  bool lost;  /* the receiver is gone */
  size_t start, end;
  char data[DL_WAYS_PIPE];
} dl_way;

/* Both directions. Born zeroed, then dl_ways_join. */
typedef struct dl_ways {
  int client_fd, server_fd;
  dl_way up, down;
} dl_ways;

#pragma GCC visibility push(hidden)

/* Sets who speaks with whom; the descriptors stay the caller's. What is in the
 * ways' buffers already is the first to go out. */
void dl_ways_join(dl_ways *w, int client_fd, int server_fd);

/* Passes bytes both ways until the server has ended, or the client is lost. A
 * client's end is passed on alone, for what is on its way to it shall still
 * arrive. What it sends after the server's end is read for a moment, or the
 * connection would be reset, and the last words be destroyed on their way to
 * it. */
void dl_ways_carry(dl_ways *w);

#pragma GCC visibility pop

#endif
