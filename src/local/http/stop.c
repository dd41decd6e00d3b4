#include "clock.h"
#include "internal.h"

#include <time.h>

/* The end of a server, and what it waits for. */

/* Requests that another server answers, and what they became, may wait for
 * that one's end: unless `all`, they are not waited for. */
static bool is_busy(const dl_http_server *server, bool all) {
  return all ? server->active > 0 || server->n_sockets > 0
             : server->active > server->passing;
}

static int wait_idle(dl_http_server *server, int drain_ms, bool all) {
  struct timespec until = dl_clock_after(drain_ms);
  int rc = 0;
  pthread_mutex_lock(&server->lock);
  server->stopping = true;
  while (is_busy(server, all) && rc == 0)
    rc = pthread_cond_timedwait(&server->idle, &server->lock, &until);
  rc = is_busy(server, all) ? -1 : 0;
  pthread_mutex_unlock(&server->lock);
  return rc;
}

int dl_http_settle(dl_http_server *server, int drain_ms) {
  dl_http_listener_stop(server);
  return wait_idle(server, drain_ms, false);
}

int dl_http_stop(dl_http_server *server, int drain_ms) {
  dl_http_listener_stop(server);
  if (wait_idle(server, drain_ms, true))
    return -1;
  dl_http_free(server);
  return 0;
}

unsigned dl_http_active(dl_http_server *server) {
  pthread_mutex_lock(&server->lock);
  unsigned active = server->active + server->n_sockets;
  pthread_mutex_unlock(&server->lock);
  return active;
}
