#include "session.h"
#include "as.h"
#include "clock.h"
#include "toolbox/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DELETE_GRACE_MS 5000
#define FREE_MS 1000

struct dl_sessions {
  const dl_toolbox *toolbox;
  pthread_mutex_t lock;
  pthread_cond_t freed; /* on the monotonic clock */
  dl_session *list;     /* in order of their coming */
  unsigned living;      /* sessions that are not freed, listed or not */
};

static dl_session **place_of(dl_sessions *all, const char *id) {
  dl_session **at = &all->list;
  while (*at && strcmp((*at)->id, id) != 0)
    at = &(*at)->next;
  return at;
}

/* None yet; what an earlier run of the sandbox left of its sessions on the disk
 * is removed. The toolbox must outlive them. NULL without memory. */
dl_sessions *dl_sessions_new(const dl_toolbox *toolbox) {
  dl_sessions *all = calloc(1, sizeof *all);
  char *dir = dl_path_join(toolbox->home, DL_SESSION_ROOT);
  if (!all || !dir) {
    free(all);
    free(dir);
    return NULL;
  }
  /* If this fails, so will the first session, with the reason. */
  dl_path_remove_tree(dir);
  free(dir);
  all->toolbox = toolbox;
  pthread_mutex_init(&all->lock, NULL);
  dl_clock_cond_init(&all->freed);
  return all;
}

void dl_sessions_release(dl_session *session) {
  dl_sessions *all = session->sessions;
  pthread_mutex_lock(&all->lock);
  bool last = --session->refs == 0;
  pthread_mutex_unlock(&all->lock);
  if (!last)
    return;
  dl_session_free(session);
  pthread_mutex_lock(&all->lock);
  all->living--;
  pthread_cond_broadcast(&all->freed);
  pthread_mutex_unlock(&all->lock);
}

static void unlist(dl_session *session) {
  dl_sessions *all = session->sessions;
  pthread_mutex_lock(&all->lock);
  dl_session **at = place_of(all, session->id);
  bool found = *at == session;
  if (found)
    *at = session->next;
  pthread_mutex_unlock(&all->lock);
  if (found)
    dl_sessions_release(session);
}

void dl_sessions_free(dl_sessions *all) {
  struct timespec until = dl_clock_after(FREE_MS);
  int rc = 0;
  if (!all)
    return;
  while (all->list)
    unlist(all->list);
  pthread_mutex_lock(&all->lock);
  while (all->living > 0 && rc == 0)
    rc = pthread_cond_timedwait(&all->freed, &all->lock, &until);
  unsigned living = all->living;
  pthread_mutex_unlock(&all->lock);
  if (living > 0)
    return;
  pthread_cond_destroy(&all->freed);
  pthread_mutex_destroy(&all->lock);
  free(all);
}

dl_session *dl_sessions_create(dl_sessions *all, const char *id, int *error) {
  dl_session *session = NULL, **at;
  *error = EEXIST;
  pthread_mutex_lock(&all->lock);
  at = place_of(all, id);
  if (!*at)
    session = dl_session_new(all->toolbox, all, id, error);
  if (session) {
    session->refs = 3; /* the list's, the thread's, and the caller's */
    session->release = dl_sessions_release;
    *error = dl_session_start_loop(session);
  }
  if (session && *error == 0) {
    *at = session;
    all->living++;
  }
  pthread_mutex_unlock(&all->lock);
  if (!session || *error == 0)
    return session;
  dl_session_free(session);
  return NULL;
}

dl_session *dl_sessions_find(dl_sessions *all, const char *id) {
  pthread_mutex_lock(&all->lock);
  dl_session *session = *place_of(all, id);
  if (session)
    session->refs++;
  pthread_mutex_unlock(&all->lock);
  return session;
}

json_t *dl_sessions_view(dl_sessions *all) {
  json_t *list = json_array();
  pthread_mutex_lock(&all->lock);
  dl_session *session;
  for (session = all->list; session; session = session->next) {
    if (strcmp(session->id, DL_SESSION_ENTRYPOINT) != 0)
      json_array_append_new(list, dl_session_view(session));
  }
  pthread_mutex_unlock(&all->lock);
  return list;
}

int dl_sessions_delete(dl_session *session) {
  pthread_mutex_lock(&session->lock);
  bool first = !session->deleted;
  session->deleted = true;
  pthread_mutex_unlock(&session->lock);
  if (!first)
    return -1;
  dl_session_wake(session);
  dl_children_end(&session->shell, DELETE_GRACE_MS, dl_as_now()->ends_group);
  pthread_mutex_lock(&session->lock);
  while (!session->ended)
    pthread_cond_wait(&session->changed, &session->lock);
  pthread_mutex_unlock(&session->lock);
  dl_path_remove_tree(session->dir);
  unlist(session);
  return 0;
}
