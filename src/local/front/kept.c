#include "kept.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

/* Far less than the toolbox's own patience: it never closes one that is about
 * to be used. */
#define KEEP_MS 10000
#define MOST 128
#define MOST_OF_ONE 4

typedef struct kept {
  struct kept *next;
  int64_t since; /* monotonic ms */
  int fd;
  char id[]; /* of the sandbox */
} kept;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static kept *list; /* the newest first */
static unsigned count;

/* Takes the entry out, whose descriptor is the caller's. Locked. */
static int take_out(kept **at) {
  kept *k = *at;
  int fd = k->fd;
  *at = k->next;
  count--;
  free(k);
  return fd;
}

/* Whether the toolbox is there and has said nothing that was not asked. */
static bool is_silent(int fd) {
  struct pollfd p = {fd, POLLIN | POLLRDHUP, 0};
  return poll(&p, 1, 0) == 0;
}

int dl_kept_take(const char *id) {
  kept **at = &list;
  int fd = -1;
  pthread_mutex_lock(&lock);
  while (fd < 0 && *at) {
    if (strcmp((*at)->id, id) != 0) {
      at = &(*at)->next;
      continue;
    }
    fd = take_out(at);
    if (!is_silent(fd)) {
      close(fd);
      fd = -1;
    }
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

/* Closes those of that sandbox (NULL: of all) that came before `before`.
 * Locked. */
static void drop(const char *id, int64_t before) {
  kept **at = &list;
  while (*at) {
    if ((!id || strcmp((*at)->id, id) == 0) && (*at)->since <= before)
      close(take_out(at));
    else
      at = &(*at)->next;
  }
}

static bool has_room(const char *id) {
  const kept *k;
  unsigned n = 0;
  for (k = list; k; k = k->next)
    n += strcmp(k->id, id) == 0;
  return count < MOST && n < MOST_OF_ONE;
}

void dl_kept_give(const char *id, int fd) {
  size_t size = strlen(id) + 1;
  kept *k = malloc(sizeof *k + size);
  pthread_mutex_lock(&lock);
  if (k && has_room(id)) {
    memcpy(k->id, id, size);
    k->fd = fd;
    k->since = dl_clock_monotonic_ms();
    k->next = list;
    list = k;
    count++;
  }
  else {
    free(k);
    close(fd);
  }
  pthread_mutex_unlock(&lock);
}

void dl_kept_drop(const char *id) {
  pthread_mutex_lock(&lock);
  drop(id, INT64_MAX);
  pthread_mutex_unlock(&lock);
}

void dl_kept_expire(void) {
  pthread_mutex_lock(&lock);
  drop(NULL, dl_clock_monotonic_ms() - KEEP_MS);
  pthread_mutex_unlock(&lock);
}
