#ifndef DL_CONTROL_TREE_COPY_H
#define DL_CONTROL_TREE_COPY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* A copy of a directory that is being made. Born zeroed but for what is marked,
 * and ended by dl_tree_copy_end. */
typedef struct dl_tree_copy {
  int64_t limit;           /* given: bytes that may be copied */
  int links_fd;            /* given: an empty directory beside the copy */
  const atomic_bool *stop; /* given: to be broken off */
  int64_t bytes;           /* that were copied */
  const char *why;         /* what is wrong where errno does not tell */
  struct dl_tree_link *links;
  unsigned count, room;
  char *buffer;
} dl_tree_copy;

#pragma GCC visibility push(hidden)

/* Copies what is in the directory `from` into the empty one `to`: hard links
 * among its files, holes, modes, times and extended attributes are kept;
 * sockets are left out. 0, or -1 with errno and perhaps `why`, part of it being
 * there then. */
int dl_tree_copy_into(dl_tree_copy *copy, int from, int to);

/* Frees what it holds. */
void dl_tree_copy_end(dl_tree_copy *copy);

#pragma GCC visibility pop

#endif
