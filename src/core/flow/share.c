#include "share.h"

#include <pthread.h>
#include <stdlib.h>

struct dt_share {
  CURLSH *handle;
  pthread_mutex_t mutexes[CURL_LOCK_DATA_LAST];
};

static void lock(CURL *easy, curl_lock_data data, curl_lock_access access,
                 void *arg) {
  dt_share *s = arg;
  (void)easy, (void)access;
  pthread_mutex_lock(&s->mutexes[data]);
}

static void unlock(CURL *easy, curl_lock_data data, void *arg) {
  dt_share *s = arg;
  (void)easy;
  pthread_mutex_unlock(&s->mutexes[data]);
}

/* Returns whether it can be used; a libcurl without TLS has no sessions. */
static int set_up(dt_share *s, int connections) {
  CURLSH *h = s->handle;
  if (connections &&
      curl_share_setopt(h, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT))
    return 0;
  CURLSHcode sessions =
      curl_share_setopt(h, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return (sessions == CURLSHE_OK || sessions == CURLSHE_NOT_BUILT_IN) &&
         !curl_share_setopt(h, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) &&
         !curl_share_setopt(h, CURLSHOPT_LOCKFUNC, lock) &&
         !curl_share_setopt(h, CURLSHOPT_UNLOCKFUNC, unlock) &&
         !curl_share_setopt(h, CURLSHOPT_USERDATA, s);
}

dt_share *dt_share_new(int connections) {
  dt_share *s = calloc(1, sizeof *s);
  if (!s)
    return NULL;
  for (int i = 0; i < CURL_LOCK_DATA_LAST; i++)
    pthread_mutex_init(&s->mutexes[i], NULL);
  s->handle = curl_share_init();
  if (s->handle && set_up(s, connections))
    return s;
  dt_share_free(s);
  return NULL;
}

CURLSH *dt_share_of(const dt_share *s) {
  return s->handle;
}

/* libcurl keeps one that is in use; then the locks have to stay, too. */
int dt_share_free(dt_share *s) {
  if (!s)
    return 1;
  if (s->handle && curl_share_cleanup(s->handle) != CURLSHE_OK)
    return 0;
  for (int i = 0; i < CURL_LOCK_DATA_LAST; i++)
    pthread_mutex_destroy(&s->mutexes[i]);
  free(s);
  return 1;
}
