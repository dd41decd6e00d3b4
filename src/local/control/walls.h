#ifndef DL_CONTROL_WALLS_H
#define DL_CONTROL_WALLS_H

#include <stddef.h>

/* The program of the kernel by which it refuses system calls to a sandbox. */
typedef struct dl_walls {
  void *filter; /* NULL: none */
  size_t len;
} dl_walls;

#pragma GCC visibility push(hidden)

/* Makes the filter that all sandboxes get. 0, or -1 where the library cannot;
 * dl_walls_free in any case. */
int dl_walls_build(dl_walls *walls);

/* Frees the filter. */
void dl_walls_free(dl_walls *walls);

/* A descriptor from which the filter can be read, once: bubblewrap reads from
 * where the last reader of the same file stopped. -1 with errno. */
int dl_walls_open(const dl_walls *walls);

/* Leaves the session keyring of whoever started the server for a new one.
 * Every user has a number of keys (sysctl kernel.keys.maxkeys): a sandbox
 * beyond it stays in the server's own, which is empty and which nobody inside
 * can ask for. May be called after fork in a program with threads. */
void dl_walls_join_keyring(void);

#pragma GCC visibility pop

#endif
