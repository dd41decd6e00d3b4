#ifndef DL_HTTP_H
#define DL_HTTP_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A thin layer over libmicrohttpd: one thread for each connection, a route
 * table, and replies. A handler replies exactly once; if it does not, the
 * server answers 500 through the error hook. */

#define DL_HTTP_PEER 64 /* size of a numeric address with its NUL */

typedef struct dl_http_server dl_http_server;
typedef struct dl_http_request dl_http_request;

typedef void dl_http_handler(dl_http_request *req);

/* One piece of a request body. */
typedef void dl_http_body(dl_http_request *req, const char *data, size_t len);

typedef struct dl_http_route {
  const char *method;       /* "GET", ...; "*" is any */
  const char *pattern;      /* "/sandbox/{id}/start"; a last "*" is any rest */
  dl_http_handler *handler; /* called when the body has been read */
  size_t body_limit;        /* most bytes kept of a body; 0: 1 MiB */
  dl_http_handler *begin;   /* streaming only: before the body; may reply */
  dl_http_body *body;       /* streaming only: each piece; nothing is kept */
} dl_http_route;

typedef struct dl_http_config {
  int listen_fd;               /* bound and listening; owned from now on */
  const dl_http_route *routes; /* ends with a NULL method; first match wins */
  void *context;               /* dl_http_context gives it to handlers */
  /* Runs before routing (authorization, prefixes). It replies to refuse, and
   * may choose the route by dl_http_take. */
  dl_http_handler *before;
  /* No route matched. NULL: a 404 through `error`. */
  dl_http_handler *not_found;
  /* Writes the plane's error envelope; required. `code` may be NULL. */
  void (*error)(dl_http_request *req, unsigned status, const char *code,
                const char *message);
  bool redirect_slash;   /* "/x/" is redirected to "/x" where only that is */
  unsigned idle_seconds; /* idle connections are closed; 0: 120 */
  unsigned head_ms;      /* how long a request's head may take; 0: 10 s */
  unsigned connections;  /* the most there may be; 0: 1000 */
  /* All who can come mean well: then the library accepts by itself, which saves
   * a thread's turn for each connection, and a unix socket holds more. */
  bool among_friends;
} dl_http_config;

#pragma GCC visibility push(hidden)

/* server: http.c */
dl_http_server *dl_http_start(const dl_http_config *config);
int dl_http_settle(dl_http_server *server, int drain_ms);
char *dl_http_decode(const char *s, size_t len, bool plus_is_space);
void dl_http_pass(dl_http_request *req);
void dl_http_take(dl_http_request *req, const dl_http_route *route);
int dl_http_stop(dl_http_server *server, int drain_ms);
unsigned dl_http_active(dl_http_server *server);

/* connections: listen.c, connections.c */
int dl_http_listen(const char *host, unsigned port, unsigned *bound_port);
bool dl_http_admit(dl_http_request *req);
unsigned dl_http_capacity(const dl_http_request *req);

/* the request: request.c. Strings live as long as the request. */
void *dl_http_context(const dl_http_request *req);
const char *dl_http_method(const dl_http_request *req);
const char *dl_http_path(const dl_http_request *req);
const char *dl_http_raw_path(const dl_http_request *req);
const char *dl_http_raw_query(const dl_http_request *req);
const char *dl_http_raw_rest(const dl_http_request *req);
const char *dl_http_segment(const dl_http_request *req, size_t index);
void dl_http_drop_segments(dl_http_request *req, size_t count);
const char *dl_http_param(const dl_http_request *req, const char *name);
const char *dl_http_query(const dl_http_request *req, const char *name);
const char *dl_http_query_name(const dl_http_request *req, size_t index);
const char *dl_http_query_at(const dl_http_request *req, const char *name,
                             size_t index);
const char *dl_http_header(const dl_http_request *req, const char *name);
void dl_http_each_header(dl_http_request *req, MHD_KeyValueIterator visit,
                         void *arg);
int dl_http_client_fd(const dl_http_request *req);
const char *dl_http_bearer(const dl_http_request *req);
int dl_http_peer(const dl_http_request *req, char text[DL_HTTP_PEER]);
const char *dl_http_data(const dl_http_request *req, size_t *len);
json_t *dl_http_json(dl_http_request *req, const char **error);
void dl_http_set_state(dl_http_request *req, void *state,
                       void (*release)(void *state));
void *dl_http_state(const dl_http_request *req);
void *dl_http_take_state(dl_http_request *req);

/* replies: reply.c */
void dl_http_add_header(dl_http_request *req, const char *name,
                        const char *value);
void dl_http_reply_json(dl_http_request *req, unsigned status, json_t *body);
void dl_http_reply_text(dl_http_request *req, unsigned status, const char *type,
                        const char *text);
void dl_http_reply_memory(dl_http_request *req, unsigned status,
                          const char *type, char *data, size_t len);
void dl_http_reply_empty(dl_http_request *req, unsigned status);
void dl_http_reply_fd(dl_http_request *req, unsigned status, int fd,
                      uint64_t offset, uint64_t len);
void dl_http_reply_stream(dl_http_request *req, unsigned status, int64_t len,
                          MHD_ContentReaderCallback read, void *state,
                          MHD_ContentReaderFreeCallback release);
void dl_http_reply_response(dl_http_request *req, unsigned status,
                            struct MHD_Response *response);
void dl_http_reply_error(dl_http_request *req, unsigned status,
                         const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void dl_http_drop(dl_http_request *req);
bool dl_http_replied(const dl_http_request *req);

#pragma GCC visibility pop

#endif
