#include "series.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* The last hour of each sandbox, in memory: a ring of samples, kept until the
 * sandbox is deleted. It grows as it fills, for most sandboxes do not live that
 * long. Any thread. */

#define PERIODS 4 /* in a minute */
#define RING 240
#define FIRST_ROOM 15  /* doubled until it is a ring */
#define MOST_RINGS 500 /* the one that rested longest makes room */

typedef struct ring {
  struct ring *next;
  char *id;
  double seconds;    /* of processor time at the last sample */
  int64_t monotonic; /* ms, of the last sample; 0: none */
  size_t first, count, room;
  dl_sample *samples;
} ring;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ring *rings;
static size_t n_rings;
static int64_t period = 60000 / PERIODS;

void dl_series_open(int64_t minute_ms) {
  period = minute_ms / PERIODS;
}

static ring **place_of(const char *id) {
  ring **at = &rings;
  while (*at && strcmp((*at)->id, id) != 0)
    at = &(*at)->next;
  return at;
}

static void drop(ring **at) {
  ring *r = *at;
  *at = r->next;
  n_rings--;
  free(r->id);
  free(r->samples);
  free(r);
}

static void drop_oldest(void) {
  ring **at, **oldest = &rings;
  for (at = &rings; *at; at = &(*at)->next) {
    if ((*at)->monotonic < (*oldest)->monotonic)
      oldest = at;
  }
  if (*oldest)
    drop(oldest);
}

/* The ring of that sandbox, made if there is none; NULL without memory. */
static ring *ring_of(const char *id) {
  ring *r = *place_of(id);
  if (r)
    return r;
  if (n_rings == MOST_RINGS)
    drop_oldest();
  r = calloc(1, sizeof *r);
  if (!r || !(r->id = strdup(id))) {
    free(r);
    return NULL;
  }
  r->next = rings;
  rings = r;
  n_rings++;
  return r;
}

/* Where the next sample goes, in place of the oldest where the ring is full.
 * NULL without memory. */
static dl_sample *next_place(ring *r) {
  if (r->count == RING) {
    dl_sample *oldest = &r->samples[r->first];
    r->first = (r->first + 1) % RING;
    return oldest;
  }
  if (r->count == r->room) {
    size_t room = r->room ? 2 * r->room : FIRST_ROOM;
    if (room > RING)
      room = RING;
    dl_sample *samples = realloc(r->samples, room * sizeof *samples);
    if (!samples)
      return NULL;
    r->samples = samples;
    r->room = room;
  }
  return &r->samples[r->count++];
}

bool dl_series_due(const char *id) {
  pthread_mutex_lock(&lock);
  const ring *r = *place_of(id);
  bool due = !r || dl_clock_monotonic_ms() - r->monotonic >= period;
  pthread_mutex_unlock(&lock);
  return due;
}

/* Percent of the cores since the last sample. A sandbox that was started again
 * begins anew. */
static double share(const ring *r, double seconds, int64_t now, int64_t cores) {
  int64_t passed = now - r->monotonic;
  if (r->monotonic == 0 || passed <= 0 || cores <= 0 || seconds < r->seconds)
    return 0;
  return 100.0 * 1000.0 * (seconds - r->seconds) /
         ((double)passed * (double)cores);
}

void dl_series_add(const char *id, double seconds, const dl_sample *sample) {
  int64_t now = dl_clock_monotonic_ms();
  pthread_mutex_lock(&lock);
  ring *r = ring_of(id);
  dl_sample *place = r ? next_place(r) : NULL;
  if (place) {
    *place = *sample;
    place->cpu = share(r, seconds, now, sample->cores);
    r->seconds = seconds;
    r->monotonic = now;
  }
  pthread_mutex_unlock(&lock);
}

size_t dl_series_read(const char *id, int64_t from, int64_t to,
                      dl_sample **out) {
  size_t i, n = 0;
  pthread_mutex_lock(&lock);
  const ring *r = *place_of(id);
  *out = r ? calloc(RING, sizeof **out) : NULL;
  for (i = 0; *out && i < r->count; i++) {
    const dl_sample *sample = &r->samples[(r->first + i) % RING];
    if (sample->at >= from && sample->at <= to)
      (*out)[n++] = *sample;
  }
  pthread_mutex_unlock(&lock);
  return n;
}

void dl_series_forget(const char *id) {
  pthread_mutex_lock(&lock);
  ring **at = place_of(id);
  if (*at)
    drop(at);
  pthread_mutex_unlock(&lock);
}
