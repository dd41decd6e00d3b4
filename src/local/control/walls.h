#ifndef DL_CONTROL_WALLS_H
#define DL_CONTROL_WALLS_H

#include <stddef.h>

/* The program of the kernel by which it refuses system calls to a sandbox. */
typedef struct dl_walls {
  void *filter; /* NULL: none */
  size_t len;
} dl_walls;

#pragma GCC visibility push(hidden)

int dl_walls_build(dl_walls *walls);
void dl_walls_free(dl_walls *walls);
int dl_walls_open(const dl_walls *walls);
void dl_walls_join_keyring(void);

#pragma GCC visibility pop

#endif
