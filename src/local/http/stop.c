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

/* The first half of stopping: refuses new connections and lets the requests
 * end that are answered here, for at most `drain_ms`: 0, or -1 if one runs on.
 * Those that other servers answer end with these. */
int dl_http_settle(dl_http_server *server, int drain_ms) {
  dl_http_listener_stop(server);
  return wait_idle(server, drain_ms, false);
}

/* Refuses new connections, lets running requests and WebSockets end for at most
 * `drain_ms`, then stops and frees the server: 0. If something still runs at
 * the deadline nothing is freed and -1 is returned: the process is expected to
 * exit. See dl_websocket_close_all. */
int dl_http_stop(dl_http_server *server, int drain_ms) {
  dl_http_listener_stop(server);
  if (wait_idle(server, drain_ms, true))
    return -1;
  dl_http_free(server);
  return 0;
}

/* How many requests and WebSockets are being served now. */
unsigned dl_http_active(dl_http_server *server) {
  pthread_mutex_lock(&server->lock);
  unsigned active = server->active + server->n_sockets;
  pthread_mutex_unlock(&server->lock);
  return active;
}
