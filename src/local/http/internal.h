#ifndef DL_HTTP_INTERNAL_H
#define DL_HTTP_INTERNAL_H

/* What the files of this folder share and nobody else needs. */

#include "http.h"
#include "record.h"
#include "strbuf.h"

#include <pthread.h>

#define DL_HTTP_MAX_PARAMS 8

/* Stacks, which a sandbox's memory limit counts whole, used or not. A request
 * may walk the deepest directory that a path can name (0.9 MiB), a WebSocket
 * read the deepest JSON that the library takes (0.6 MiB). */
#define DL_HTTP_STACK ((size_t)1536 << 10)

/* Has the library refuse what is no proper HTTP, where it can. (That of 0.9.75
 * closes the connection without an answer for what we refuse with one.) */
#if MHD_VERSION >= 0x00097701
#define DL_HTTP_STRICT MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1
#else
#define DL_HTTP_STRICT MHD_OPTION_STRICT_FOR_CLIENT, 0
#endif

typedef struct dl_http_connection dl_http_connection;

struct dl_http_server {
  dl_http_config config;
  struct MHD_Daemon *daemon;
  pthread_mutex_t lock;
  pthread_cond_t idle; /* signalled when a count below falls to zero */
  unsigned active;     /* requests being served */
  unsigned passing;    /* those of them that another server answers */
  unsigned n_sockets;  /* upgraded connections */
  struct dl_websocket *sockets;
  bool stopping;
  pthread_t listener;
  int stop_fd; /* ends the listener */
  int head_ms; /* how long the head of a request may take */
  dl_http_connection *oldest, *newest;
  pthread_cond_t moved; /* signalled when a connection comes or goes */
  unsigned most;        /* connections that may be open */
  unsigned n_connections, n_closing, n_served;
  unsigned n_come; /* that ever came */
};

typedef struct dl_http_pair {
  char *name;
  char *value;
} dl_http_pair;

typedef struct dl_http_extra {
  struct dl_http_extra *next;
  char *name;
  char *value;
} dl_http_extra;

struct dl_http_request {
  dl_http_server *server;
  struct MHD_Connection *connection;
  const char *method;
  const char *version; /* of HTTP */
  char *raw_path;      /* as received, without the query */
  char *raw_query;
  char *path;      /* decoded, from the first segment kept */
  char **segments; /* decoded; "/a/" is "a", "" */
  size_t *starts;  /* where each segment starts in raw_path */
  size_t n_segments;
  size_t first; /* segments before this one were dropped */
  dl_http_pair *query;
  size_t n_query;
  const dl_http_route *route;
  dl_http_pair params[DL_HTTP_MAX_PARAMS]; /* names point into the pattern */
  size_t param_lengths[DL_HTTP_MAX_PARAMS];
  size_t n_params;
  size_t rest; /* segment at which the pattern's "*" starts */
  dl_strbuf body;
  bool too_big;
  bool dropped; /* there will be no answer */
  bool passing; /* another server answers */
  bool refused; /* at once, whatever of it is still to come */
  json_t *json;
  const char *json_error;
  char json_text[200];
  struct MHD_Response *response;
  unsigned status;
  dl_http_extra *headers;
  void *state;
  void (*release)(void *state);
  struct dl_websocket *websocket; /* what the connection is to become */
  void (*abandon)(struct dl_websocket *websocket); /* where it does not */
  dl_record *record;                               /* for tests; mostly NULL */
};

#pragma GCC visibility push(hidden)

/* How long a client may be idle. */
unsigned dl_http_idle_seconds(const dl_http_server *server);

/* Ends the library's threads and frees the server. Nothing may run. */
void dl_http_free(dl_http_server *server);

/* sockets.c */
void dl_http_socket_begins(dl_http_request *req);

/* The last thing that is done with an upgraded connection. */
void dl_http_socket_ended(dl_http_server *server);

/* listen.c */
int dl_http_listener_start(dl_http_server *server);

/* Takes no more, and closes the listening socket. Once is enough. */
void dl_http_listener_stop(dl_http_server *server);

/* connections.c */
void dl_http_on_connection(void *server, struct MHD_Connection *connection,
                           void **context,
                           enum MHD_ConnectionNotificationCode code);

/* The library's hook for a request line. It is not a request yet: the library
 * may still refuse it without ever saying so. */
void *dl_http_on_uri(void *cls, const char *uri,
                     struct MHD_Connection *connection);

/* What is kept for it. NULL without memory. */
dl_http_connection *dl_http_connection_of(struct MHD_Connection *connection);

/* The target of the last request line, still encoded, or NULL. */
const char *dl_http_connection_target(const dl_http_connection *c);

/* A request has begun that was not admitted: its body, which nobody wants, has
 * no more time than its head. */
void dl_http_connection_refused(dl_http_server *server, dl_http_connection *c);

/* The request is over. Locked. */
void dl_http_connection_over(dl_http_server *server, dl_http_connection *c);

/* Closes the connection that can be spared best: the oldest one of a stranger,
 * else the one that was idle for the longest time. False if all are served.
 * Locked. */
bool dl_http_connections_evict(dl_http_server *server);

/* Cuts off those whose time is over. Milliseconds until that has to be done
 * again, -1: not before there is another connection. */
int dl_http_connections_expire(dl_http_server *server);

/* strict.c */

/* Takes the request line's target apart. NULL without memory. */
dl_http_request *dl_http_request_new(dl_http_server *server, const char *uri,
                                     struct MHD_Connection *connection);

/* Frees the request and what its handler left in it. */
void dl_http_request_free(dl_http_request *req);

/* Finds the request's route and path parameters. False if there is none. */
bool dl_http_request_route(dl_http_request *req);

/* What makes the request ambiguous, as a message; NULL if nothing does. */
const char *dl_http_ambiguity(dl_http_request *req);

#pragma GCC visibility pop

#endif
