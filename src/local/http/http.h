#ifndef DL_HTTP_H
#define DL_HTTP_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "strbuf.h"

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

/* The first half of stopping: refuses new connections and lets the requests
 * end that are answered here, for at most `drain_ms`: 0, or -1 if one runs on.
 * Those that other servers answer end with these. */
int dl_http_settle(dl_http_server *server, int drain_ms);

/* Percent-decodes `len` bytes into a malloc'd string. Text that is no valid
 * escape stays as it is; an encoded NUL ends the string, so it is dropped to
 * U+FFFD instead of silently naming something shorter. */
char *dl_http_decode(const char *s, size_t len, bool plus_is_space);

/* Another server will answer this request. */
void dl_http_pass(dl_http_request *req);

/* Makes that the route of the request, whatever its path, which is then none of
 * the API's and not recorded. For use in the `before` hook. */
void dl_http_take(dl_http_request *req, const dl_http_route *route);

/* Refuses new connections, lets running requests and WebSockets end for at most
 * `drain_ms`, then stops and frees the server: 0. If something still runs at
 * the deadline nothing is freed and -1 is returned: the process is expected to
 * exit. See dl_websocket_close_all. */
int dl_http_stop(dl_http_server *server, int drain_ms);

/* How many requests and WebSockets are being served now. */
unsigned dl_http_active(dl_http_server *server);

/* connections: listen.c, connections.c */
int dl_http_listen(const char *host, unsigned port, unsigned *bound_port);

/* Whoever asks may: from now on the connection is not closed to make room, and
 * has no deadline. False where too many are served already, which was replied
 * then. */
bool dl_http_admit(dl_http_request *req);

/* How many connections the server has. */
unsigned dl_http_capacity(const dl_http_request *req);

/* the request: request.c. Strings live as long as the request. */
void *dl_http_context(const dl_http_request *req);

/* "GET", "POST", ... */
const char *dl_http_method(const dl_http_request *req);

/* The decoded path, from the first segment that was not dropped. */
const char *dl_http_path(const dl_http_request *req);

/* The whole path as the client sent it, still encoded. */
const char *dl_http_raw_path(const dl_http_request *req);

/* What stood after "?", still encoded; "" if nothing. */
const char *dl_http_raw_query(const dl_http_request *req);

/* What the pattern's "*" matched, still encoded, without a leading slash. */
const char *dl_http_raw_rest(const dl_http_request *req);

/* The decoded path segment at `index`, dropped ones not counted, or NULL. */
const char *dl_http_segment(const dl_http_request *req, size_t index);

/* Makes routing and dl_http_path ignore the first `count` segments. For use in
 * the `before` hook. */
void dl_http_drop_segments(dl_http_request *req, size_t count);

/* The decoded value of the pattern's {name}; never NULL nor empty for a name
 * that stands in the pattern. */
const char *dl_http_param(const dl_http_request *req, const char *name);

/* The first value of a query parameter, or NULL. */
const char *dl_http_query(const dl_http_request *req, const char *name);

/* The decoded name of the query parameter at `index`, or NULL. */
const char *dl_http_query_name(const dl_http_request *req, size_t index);

/* The value at `index` among those of `name` and of `name[]`, or NULL. */
const char *dl_http_query_at(const dl_http_request *req, const char *name,
                             size_t index);

/* A request header's value, the name in any case, or NULL. */
const char *dl_http_header(const dl_http_request *req, const char *name);

/* Calls visit(arg, MHD_HEADER_KIND, name, value) for each request header. */
void dl_http_each_header(dl_http_request *req, MHD_KeyValueIterator visit,
                         void *arg);

/* The client's socket, to watch whether it leaves; the library's. -1 if there
 * is none. */
int dl_http_client_fd(const dl_http_request *req);

/* The token of "Authorization: Bearer TOKEN" (scheme in any case), or NULL. */
const char *dl_http_bearer(const dl_http_request *req);

/* The client's numeric address. 0, or -1 where it has none, as on a unix
 * socket. */
int dl_http_peer(const dl_http_request *req, char text[DL_HTTP_PEER]);

/* The body of a route that keeps it; never NULL. */
const char *dl_http_data(const dl_http_request *req, size_t *len);

/* The body as JSON, whatever its content type; the request keeps it. NULL if
 * it is none, with the reason in *error ("EOF" for an empty body). */
json_t *dl_http_json(dl_http_request *req, const char **error);

/* Ties a handler's data to the request; `release` (may be NULL) is called once
 * when the request is over, also when the client went away. */
void dl_http_set_state(dl_http_request *req, void *state,
                       void (*release)(void *state));

/* What dl_http_set_state was given, or NULL. */
void *dl_http_state(const dl_http_request *req);

/* The same, which the caller owns from now on. */
void *dl_http_take_state(dl_http_request *req);

/* replies: reply.c */
void dl_http_add_header(dl_http_request *req, const char *name,
                        const char *value);

/* Replies with a JSON value (the reference is taken; NULL is a server
 * error). */
void dl_http_reply_json(dl_http_request *req, unsigned status, json_t *body);

/* Replies with JSON that is written already. The buffer is taken, and empty
 * then; one that failed is a server error. */
void dl_http_reply_json_text(dl_http_request *req, unsigned status,
                             dl_strbuf *text);

/* Replies with a copy of a C string. */
void dl_http_reply_text(dl_http_request *req, unsigned status, const char *type,
                        const char *text);

/* Replies with `len` malloc'd bytes (owned from now on; NULL is a server
 * error) of the given content type. */
void dl_http_reply_memory(dl_http_request *req, unsigned status,
                          const char *type, char *data, size_t len);

/* Replies with a status and no body. */
void dl_http_reply_empty(dl_http_request *req, unsigned status);

/* Replies with `len` bytes of an open file from `offset`. The descriptor is
 * owned from now on. (The library can have the kernel send a file, but spins
 * for ever where that has become shorter.) */
void dl_http_reply_fd(dl_http_request *req, unsigned status, int fd,
                      uint64_t offset, uint64_t len);

/* Replies with what `read` gives; `len` < 0 is an unknown length (chunked).
 * `release` (may be NULL) is called with `state` at the end, also on
 * failure. */
void dl_http_reply_stream(dl_http_request *req, unsigned status, int64_t len,
                          MHD_ContentReaderCallback read, void *state,
                          MHD_ContentReaderFreeCallback release);

/* Replies with a libmicrohttpd response (owned from now on; NULL is a server
 * error). The first reply counts, later ones are dropped. */
void dl_http_reply_response(dl_http_request *req, unsigned status,
                            struct MHD_Response *response);

/* Replies through the plane's error envelope. `code` may be NULL. */
void dl_http_reply_error(dl_http_request *req, unsigned status,
                         const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Ends the connection without a reply. */
void dl_http_drop(dl_http_request *req);

/* Whether a reply was given, or there will be none. */
bool dl_http_replied(const dl_http_request *req);

#pragma GCC visibility pop

#endif
