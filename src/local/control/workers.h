#ifndef DL_CONTROL_WORKERS_H
#define DL_CONTROL_WORKERS_H

#include "worker.h"

/* The processes of the sandboxes that run. */
typedef struct dl_workers {
  dl_worker *first;
  size_t count;
} dl_workers;

#pragma GCC visibility push(hidden)

/* The worker of that sandbox, or NULL. */
dl_worker *dl_workers_find(const dl_workers *workers, const char *id);

/* Adds one, which belongs to the list until it is removed. */
void dl_workers_add(dl_workers *workers, dl_worker *worker);

/* Takes one off that is in the list. */
void dl_workers_remove(dl_workers *workers, const dl_worker *worker);

#pragma GCC visibility pop

#endif
