#ifndef DL_TOOLBOX_OWN_USE_H
#define DL_TOOLBOX_OWN_USE_H

#include <stdint.h>

/* What all processes of an isolated sandbox have. */
typedef struct dl_own_use {
  int64_t ticks;  /* of processor time, with ended children's */
  int64_t memory; /* bytes: of their own, and files in memory */
} dl_own_use;

#pragma GCC visibility push(hidden)

/* Looks at every process that can be seen, which are the sandbox's where it
 * has a /proc of its own. */
dl_own_use dl_own_use_now(void);

#pragma GCC visibility pop

#endif
