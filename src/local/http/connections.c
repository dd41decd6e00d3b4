#include "clock.h"
#include "fd.h"
#include "internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define TICKS_MS 50

/* What a connection is worth. The library closes the descriptor right after it
 * has told us so: while one is listed, and the lock is held, its number cannot
 * be somebody else's. */
enum {
  STRANGER, /* nothing was shown here that opens anything */
  KEPT,     /* its last request was admitted, the next is awaited */
  SERVED    /* an admitted request is served, or what it became */
};

struct dl_http_connection {
  dl_http_connection *next, *previous; /* in the order of their coming */
  int fd;
  int state;
  bool begun;    /* KEPT: the next request was seen to have begun */
  bool closing;  /* shut down by us; its thread will notice */
  int64_t since; /* when its last request was over */
  int64_t due;   /* when it is looked at, or cut off; not for SERVED */
  char *target;  /* of the request line as it came; the library decodes it */
};

static void set_state(dl_http_server *server, dl_http_connection *c,
                      int state) {
  server->n_served -= c->state == SERVED;
  server->n_served += state == SERVED;
  c->state = state;
  c->begun = false;
  c->since = dl_clock_monotonic_ms();
  c->due = c->since + server->head_ms;
}

static void enlist(dl_http_server *server, dl_http_connection *c) {
  c->previous = server->newest;
  if (server->newest)
    server->newest->next = c;
  else
    server->oldest = c;
  server->newest = c;
  server->n_connections++;
}

static void delist(dl_http_server *server, dl_http_connection *c) {
  if (c->next)
    c->next->previous = c->previous;
  else
    server->newest = c->previous;
  if (c->previous)
    c->previous->next = c->next;
  else
    server->oldest = c->next;
  server->n_connections--;
  server->n_closing -= c->closing;
  server->n_served -= c->state == SERVED;
}

static void come(dl_http_server *server, struct MHD_Connection *connection,
                 void **context) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  dl_http_connection *c = info ? calloc(1, sizeof *c) : NULL;
  pthread_mutex_lock(&server->lock);
  server->n_come++;
  if (c) {
    c->fd = info->connect_fd;
    if (server->config.among_friends)
      dl_fd_widen(c->fd);
    set_state(server, c, STRANGER);
    enlist(server, c);
  }
  pthread_cond_broadcast(&server->moved);
  pthread_mutex_unlock(&server->lock);
  *context = c;
}

static void leave(dl_http_server *server, void **context) {
  dl_http_connection *c = *context;
  *context = NULL;
  if (!c)
    return;
  pthread_mutex_lock(&server->lock);
  delist(server, c);
  pthread_cond_broadcast(&server->moved);
  pthread_mutex_unlock(&server->lock);
  free(c->target);
  free(c);
}

/* The library's hook for connections that begin and end. */
void dl_http_on_connection(void *server, struct MHD_Connection *connection,
                           void **context,
                           enum MHD_ConnectionNotificationCode code) {
  if (code == MHD_CONNECTION_NOTIFY_STARTED)
    come(server, connection, context);
  else
    leave(server, context);
}

dl_http_connection *dl_http_connection_of(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

void *dl_http_on_uri(void *cls, const char *uri,
                     struct MHD_Connection *connection) {
  dl_http_connection *c = dl_http_connection_of(connection);
  (void)cls;
  if (c) {
    free(c->target);
    c->target = strdup(uri);
  }
  return NULL;
}

const char *dl_http_connection_target(const dl_http_connection *c) {
  return c->target;
}

/* How many admitted requests there may be at once: some places are left for
 * those of whom nothing is known yet, who are closed to make room. */
static unsigned most_served(const dl_http_server *server) {
  return server->most - server->most / 40 - 2;
}

bool dl_http_admit(dl_http_request *req) {
  dl_http_server *server = req->server;
  dl_http_connection *c = dl_http_connection_of(req->connection);
  pthread_mutex_lock(&server->lock);
  bool room = c && !c->closing &&
              (c->state == SERVED || server->n_served < most_served(server));
  if (room)
    set_state(server, c, SERVED);
  pthread_mutex_unlock(&server->lock);
  if (room)
    return true;
  dl_http_add_header(req, "Retry-After", "1");
  dl_http_reply_error(req, 503, NULL, "too many requests at once");
  return false;
}

void dl_http_connection_refused(dl_http_server *server, dl_http_connection *c) {
  pthread_mutex_lock(&server->lock);
  if (c->state != SERVED)
    set_state(server, c, STRANGER);
  pthread_mutex_unlock(&server->lock);
}

void dl_http_connection_over(dl_http_server *server, dl_http_connection *c) {
  set_state(server, c, c->state == STRANGER ? STRANGER : KEPT);
}

unsigned dl_http_capacity(const dl_http_request *req) {
  return req->server->most;
}

/* The connection's own thread sees the end, and closes it. Locked. */
static void cut_off(dl_http_server *server, dl_http_connection *c) {
  c->closing = true;
  server->n_closing++;
  shutdown(c->fd, SHUT_RDWR);
}

bool dl_http_connections_evict(dl_http_server *server) {
  dl_http_connection *c, *chosen = NULL;
  for (c = server->oldest; c; c = c->next) {
    if (c->closing || c->state == SERVED)
      continue;
    if (c->state == STRANGER) {
      chosen = c;
      break;
    }
    if (!chosen || c->since < chosen->since)
      chosen = c;
  }
  if (chosen)
    cut_off(server, chosen);
  return chosen != NULL;
}

/* Whether bytes came since the last request was over. The kernel's clock for
 * that has coarse ticks. */
static bool has_begun(const dl_http_connection *c, int64_t now) {
  struct tcp_info info;
  socklen_t len = sizeof info;
  return getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
         now - (int64_t)info.tcpi_last_data_recv > c->since + TICKS_MS;
}

/* Whether bytes wait to be read here: then the delay is ours. */
static bool has_unread(const dl_http_connection *c) {
  int n;
  return ioctl(c->fd, FIONREAD, &n) == 0 && n > 0;
}

/* A kept connection may be silent as long as the library lets it (see
 * dl_http_idle_seconds); once the next request has begun, its head has as long
 * as any other. */
static void look(dl_http_server *server, dl_http_connection *c, int64_t now) {
  if (has_unread(c))
    c->due = now + 1000;
  else if (c->state == KEPT && !c->begun) {
    c->begun = has_begun(c, now);
    c->due = now + server->head_ms;
  }
  else
    cut_off(server, c);
}

int dl_http_connections_expire(dl_http_server *server) {
  int64_t now = dl_clock_monotonic_ms(), next = now + server->head_ms;
  pthread_mutex_lock(&server->lock);
  dl_http_connection *c;
  for (c = server->oldest; c; c = c->next) {
    if (c->closing || c->state == SERVED)
      continue;
    if (c->due <= now)
      look(server, c, now);
    if (!c->closing && c->due < next)
      next = c->due;
  }
  bool any = server->n_connections > 0;
  pthread_mutex_unlock(&server->lock);
  return any ? dl_clock_left(next) + 1 : -1;
}
