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

void dl_ways_join(dl_ways *w, int client_fd, int server_fd);
void dl_ways_carry(dl_ways *w);

#pragma GCC visibility pop

#endif
