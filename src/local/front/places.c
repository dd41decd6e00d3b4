#include "places.h"
#include "kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* How many of all connections go to one sandbox; are visitors of previews at
 * one sandbox, and at all of them together. */
#define ONE(capacity) ((capacity) / 2 + 1)
#define VISITORS_OF_ONE(capacity) ((capacity) / 10 + 1)
#define VISITORS(capacity) ((capacity) / 2 + 1)

/* A sandbox to which there are connections. */
typedef struct visited {
  struct visited *next;
  char *id;
  unsigned n, n_visitors;
} visited;

struct dl_place {
  visited *at;
  bool visitor;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static visited *list;
static unsigned all_visitors;

/* The entry of that sandbox, made where there is none. NULL without memory.
 * Locked. */
static visited *entry(const char *id) {
  visited *v = list;
  while (v && strcmp(v->id, id) != 0)
    v = v->next;
  if (v)
    return v;
  v = calloc(1, sizeof *v);
  if (!v)
    return NULL;
  v->id = strdup(id);
  if (!v->id) {
    free(v);
    return NULL;
  }
  v->next = list;
  list = v;
  return v;
}

/* Forgets an entry that nobody uses. Locked. */
static void forget(visited *v) {
  visited **at = &list;
  if (v->n > 0)
    return;
  while (*at != v)
    at = &(*at)->next;
  *at = v->next;
  free(v->id);
  free(v);
}

static bool has_room(const visited *v, bool visitor, unsigned capacity) {
  return v->n < ONE(capacity) &&
         (!visitor || (v->n_visitors < VISITORS_OF_ONE(capacity) &&
                       all_visitors < VISITORS(capacity)));
}

/* Takes one of the server's `capacity` connections for that sandbox, for a
 * visitor of a preview or for one who has the key. NULL where it has too many
 * already, or without memory. */
dl_place *dl_place_take(const char *id, bool visitor, unsigned capacity) {
  dl_place *place = malloc(sizeof *place);
  visited *v;
  if (!place)
    return NULL;
  pthread_mutex_lock(&lock);
  v = entry(id);
  if (v && has_room(v, visitor, capacity)) {
    v->n++;
    v->n_visitors += visitor;
    all_visitors += visitor;
    place->at = v;
    place->visitor = visitor;
  }
  else {
    if (v)
      forget(v);
    free(place);
    place = NULL;
  }
  pthread_mutex_unlock(&lock);
  return place;
}

/* The exchange for which the place was taken is complete, and its connection
 * to the sandbox is good for another one. */
void dl_place_keep(void *arg, int fd) {
  const dl_place *place = arg;
  dl_kept_give(place->at->id, fd);
}

/* Gives it back. */
void dl_place_leave(void *arg) {
  dl_place *place = arg;
  pthread_mutex_lock(&lock);
  place->at->n--;
  place->at->n_visitors -= place->visitor;
  all_visitors -= place->visitor;
  forget(place->at);
  pthread_mutex_unlock(&lock);
  free(place);
}
