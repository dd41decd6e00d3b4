#include "workers.h"

#include <string.h>

dl_worker *dl_workers_find(const dl_workers *workers, const char *id) {
  dl_worker *w;
  for (w = workers->first; w; w = w->next) {
    if (strcmp(w->id, id) == 0)
      return w;
  }
  return NULL;
}

void dl_workers_add(dl_workers *workers, dl_worker *worker) {
  worker->next = workers->first;
  workers->first = worker;
  workers->count++;
}

void dl_workers_remove(dl_workers *workers, const dl_worker *worker) {
  dl_worker **at = &workers->first;
  while (*at != worker)
    at = &(*at)->next;
  *at = worker->next;
  workers->count--;
}
