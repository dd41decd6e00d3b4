#include "clock.h"
#include "http_internal.h"
#include "relay.h"
#include "thread.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIPE_SIZE ((size_t)64 << 10)
#define LINGER_MS 1000
#define STACK ((size_t)128 << 10)

/* One direction of an upgraded connection. */
typedef struct way {
  int from, to;
  bool ended; /* nothing more comes */
  bool shut;  /* and the receiver knows it */
  bool lost;  /* the receiver is gone */
  size_t start, end;
  char data[PIPE_SIZE];
} way;

typedef struct tunnel {
  dl_http_server *server;
  struct MHD_UpgradeResponseHandle *upgraded;
  dl_relay *relay;
  int client_fd;
  way up, down;
} tunnel;

/* Reads what has come, if all of the last was sent. */
static void take(way *w) {
  ssize_t n;
  if (w->start < w->end || w->ended)
    return;
  n = recv(w->from, w->data, PIPE_SIZE, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
    w->ended = true;
  w->start = 0;
  w->end = n > 0 ? (size_t)n : 0;
}

/* Sends what is there; to nobody once the receiver is gone. */
static void give(way *w) {
  ssize_t n = 0;
  if (w->start < w->end && !w->lost)
    n = send(w->to, w->data + w->start, w->end - w->start,
             MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n > 0)
    w->start += (size_t)n;
  else if (n < 0 && errno != EAGAIN && errno != EINTR)
    w->lost = true;
  if (w->lost)
    w->start = w->end;
  if (w->ended && w->start == w->end && !w->shut) {
    w->shut = true;
    shutdown(w->to, SHUT_WR);
  }
}

static short wants(const way *reads, const way *writes) {
  short events = 0;
  if (reads->start == reads->end && !reads->ended)
    events |= POLLIN;
  if (writes->start < writes->end)
    events |= POLLOUT;
  return events;
}

/* Waits and moves. False when that took too long. */
static bool turn(tunnel *t, int timeout_ms) {
  struct pollfd fds[2] = {{t->client_fd, wants(&t->up, &t->down), 0},
                          {t->relay->fd, wants(&t->down, &t->up), 0}};
  int n;
  /* What is not waited for is not looked at: an end would spin. */
  if (!fds[0].events)
    fds[0].fd = -1;
  if (!fds[1].events)
    fds[1].fd = -1;
  n = poll(fds, 2, timeout_ms);
  if (n == 0 || (n < 0 && errno != EINTR))
    return false;
  take(&t->up);
  give(&t->up);
  take(&t->down);
  give(&t->down);
  return true;
}

/* Until the server behind has ended, or the client is lost. A client's end is
 * passed on alone, for what is on its way to it shall still arrive. What it
 * sends after the server's end is read for a moment, or the connection would
 * be reset, and the last words be destroyed on their way to it. */
static void carry(tunnel *t) {
  int64_t until, now;
  while (!t->down.shut && !t->down.lost) {
    if (!turn(t, -1))
      return;
  }
  t->up.lost = true;
  until = dl_clock_monotonic_ms() + LINGER_MS;
  while (!t->down.lost && !t->up.ended &&
         (now = dl_clock_monotonic_ms()) < until) {
    if (!turn(t, (int)(until - now)))
      return;
  }
}

static void *run(void *arg) {
  tunnel *t = arg;
  dl_http_server *server = t->server;
  carry(t);
  dl_relay_free(t->relay);
  MHD_upgrade_action(t->upgraded, MHD_UPGRADE_ACTION_CLOSE);
  free(t);
  dl_http_socket_ended(server);
  return NULL;
}

/* Bytes that came together with the heads are the first to go out. */
static bool take_early(tunnel *t, const char *extra, size_t n) {
  dl_relay *r = t->relay;
  size_t had = r->in.len - r->at;
  if (n > PIPE_SIZE || had > PIPE_SIZE)
    return false;
  if (n > 0)
    memcpy(t->up.data, extra, n);
  if (had > 0)
    memcpy(t->down.data, r->in.data + r->at, had);
  t->up.end = n;
  t->down.end = had;
  dl_strbuf_free(&r->in);
  r->at = 0;
  return true;
}

/* libmicrohttpd hands the connection over. */
static void on_upgrade(void *cls, struct MHD_Connection *connection,
                       void *context, const char *extra, size_t n,
                       MHD_socket fd, struct MHD_UpgradeResponseHandle *urh) {
  dl_http_request *req = context;
  dl_relay *r = dl_http_take_state(req);
  tunnel *t = calloc(1, sizeof *t);
  (void)cls;
  (void)connection;
  pthread_mutex_lock(&req->server->lock);
  req->server->n_sockets++;
  pthread_mutex_unlock(&req->server->lock);
  if (t) {
    t->server = req->server;
    t->upgraded = urh;
    t->relay = r;
    t->client_fd = t->up.from = t->down.to = fd;
    t->up.to = t->down.from = r->fd;
    if (take_early(t, extra, n) && dl_thread_start(run, t, STACK) == 0)
      return;
    free(t);
  }
  dl_relay_free(r);
  MHD_upgrade_action(urh, MHD_UPGRADE_ACTION_CLOSE);
  dl_http_socket_ended(req->server);
}

/* Answers 101, from where on the connection is bare bytes both ways. The relay
 * stays the state of the request until then. */
void dl_relay_tunnel(dl_http_request *req) {
  struct MHD_Response *response =
      MHD_create_response_for_upgrade(on_upgrade, NULL);
  if (response)
    MHD_add_response_header(response, "Upgrade", "websocket");
  dl_http_reply_response(req, response ? 101 : 503, response);
}
