#include "pty.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Which terminals there are, and the lock of what they are. */

/* How long shells are told that they have no terminals, and how often. */
#define HANG_UP_MS 400
#define AGAIN_MS 20

/* One lock for all terminals. Nothing is waited for while it is held, but for
 * the start of a shell. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static dl_pty *all;

/* The list changed, or what of a terminal is held back. */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

void dl_pty_lock(void) {
  pthread_mutex_lock(&lock);
}

void dl_pty_unlock(void) {
  pthread_mutex_unlock(&lock);
}

void dl_pty_free(dl_pty *pty) {
  if (pty->master >= 0)
    close(pty->master);
  json_decref(pty->envs);
  free(pty->id);
  free(pty->cwd);
  free(pty);
}

void dl_pty_unref(dl_pty *pty) {
  if (!pty)
    return;
  dl_pty_lock();
  bool last = --pty->refs == 0;
  dl_pty_unlock();
  if (last)
    dl_pty_free(pty);
}

void dl_pty_forget(dl_pty *pty) {
  dl_pty **at = &all;
  while (*at && *at != pty)
    at = &(*at)->next;
  if (!*at)
    return;
  *at = pty->next;
  pty->refs--;
  pthread_cond_broadcast(&changed);
}

void dl_pty_let_go(dl_pty *pty) {
  pty->held = false;
  pthread_cond_broadcast(&changed);
}

void dl_pty_wait_held(dl_pty *pty) {
  dl_pty_lock();
  while (pty->held)
    pthread_cond_wait(&changed, &lock);
  dl_pty_unlock();
}

static dl_pty *find(const char *id) {
  dl_pty *pty = all;
  while (pty && strcmp(pty->id, id) != 0)
    pty = pty->next;
  return pty;
}

dl_pty *dl_pty_find(const char *id) {
  dl_pty_lock();
  dl_pty *pty = find(id);
  if (pty)
    pty->refs++;
  dl_pty_unlock();
  return pty;
}

int dl_pty_enlist(dl_pty *pty, int (*start)(dl_pty *pty)) {
  int error = find(pty->id) ? EEXIST : start ? start(pty) : 0;
  if (error)
    return error;
  pty->refs++;
  pty->next = all;
  all = pty;
  return 0;
}

static json_t *describe(const dl_pty *pty) {
  return json_pack("{s:s, s:s, s:o, s:i, s:i, s:s, s:b, s:b}", "id", pty->id,
                   "cwd", pty->cwd, "envs", json_copy(pty->envs), "cols",
                   (int)pty->cols, "rows", (int)pty->rows, "createdAt",
                   pty->created_at, "active", pty->master >= 0 && !pty->ended,
                   "lazyStart", pty->lazy);
}

json_t *dl_pty_info(dl_pty *pty) {
  dl_pty_lock();
  json_t *info = describe(pty);
  dl_pty_unlock();
  return info;
}

json_t *dl_pty_list(void) {
  json_t *list = json_array();
  dl_pty_lock();
  const dl_pty *pty;
  for (pty = all; pty && list; pty = pty->next) {
    if (json_array_append_new(list, describe(pty))) {
      json_decref(list);
      list = NULL;
    }
  }
  dl_pty_unlock();
  return list;
}

/* Whether a shell is running, each of which gets a signal. */
static bool hang_up(void) {
  const dl_pty *pty;
  bool any = false;
  for (pty = all; pty; pty = pty->next) {
    if (pty->master >= 0 && !pty->ended) {
      dl_children_signal(&pty->child, SIGHUP);
      any = true;
    }
  }
  return any;
}

void dl_pty_hang_up_all(void) {
  int64_t deadline = dl_clock_deadline(HANG_UP_MS);
  dl_pty_lock();
  while (hang_up() && dl_clock_left(deadline) > 0) {
    struct timespec until = dl_clock_after(AGAIN_MS);
    pthread_cond_clockwait(&changed, &lock, CLOCK_MONOTONIC, &until);
  }
  dl_pty_unlock();
}
