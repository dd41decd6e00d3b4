#include "clock.h"
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_BODY_LIMIT ((size_t)1 << 20)
#define CONNECTION_MEMORY ((size_t)256 << 10)
#define CONNECTIONS 1000u
#define HEAD_MS 10000

/* The library's own limit is never to be reached (see listen.c). */
#define LIBRARY_SPARE 256u

static size_t body_limit(const dl_http_request *req) {
  size_t limit = req->route ? req->route->body_limit : 0;
  return limit ? limit : DEFAULT_BODY_LIMIT;
}

unsigned dl_http_idle_seconds(const dl_http_server *server) {
  return server->config.idle_seconds ? server->config.idle_seconds : 120;
}

/* libmicrohttpd counts the time spent in a handler as idle time of the
 * connection, so the clock is stopped while one runs. */
static void pause_timeout(dl_http_request *req) {
  MHD_set_connection_option(req->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
}

static void resume_timeout(dl_http_request *req) {
  MHD_set_connection_option(req->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                            dl_http_idle_seconds(req->server));
}

static dl_http_request *start_request(dl_http_server *server,
                                      struct MHD_Connection *connection,
                                      const char *method, const char *version) {
  const dl_http_connection *c = dl_http_connection_of(connection);
  const char *target = c ? dl_http_connection_target(c) : NULL;
  dl_http_request *req =
      target ? dl_http_request_new(server, target, connection) : NULL;
  if (!req)
    return NULL;
  req->method = method;
  req->version = version;
  req->record = dl_record_new();
  pthread_mutex_lock(&server->lock);
  server->active++;
  pthread_mutex_unlock(&server->lock);
  return req;
}

static void record(dl_http_request *req) {
  const dl_record_head head = {.method = req->method,
                               .path = req->raw_path,
                               .query = req->raw_query,
                               .status = req->status};
  dl_record_end(req->record, &head);
  req->record = NULL;
}

static void on_completed(void *cls, struct MHD_Connection *connection,
                         void **context, enum MHD_RequestTerminationCode code) {
  dl_http_server *server = cls;
  dl_http_connection *c = dl_http_connection_of(connection);
  dl_http_request *req = *context;
  if (!req)
    return;
  if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
    record(req);
  bool passing = req->passing;
  bool upgraded = req->status == MHD_HTTP_SWITCHING_PROTOCOLS;
  dl_http_request_free(req);
  *context = NULL;
  pthread_mutex_lock(&server->lock);
  if (c && !upgraded)
    dl_http_connection_over(server, c);
  server->passing -= passing;
  if (--server->active == server->passing)
    pthread_cond_broadcast(&server->idle);
  pthread_mutex_unlock(&server->lock);
}

static void reply_not_found(dl_http_request *req) {
  const dl_http_config *config = &req->server->config;
  if (config->not_found)
    config->not_found(req);
  else
    dl_http_reply_error(req, 404, NULL, "Cannot %s %s", req->method,
                        dl_http_path(req));
}

/* The plain answer to a path that only lacks its last slash's absence. */
static bool redirect_slash(dl_http_request *req) {
  dl_strbuf to = {0};
  size_t len = strlen(req->raw_path);
  if (!req->server->config.redirect_slash || req->n_segments < 2 ||
      *req->segments[req->n_segments - 1])
    return false;
  req->n_segments--;
  bool found = dl_http_request_route(req);
  req->n_segments++;
  if (!found)
    return false;
  dl_strbuf_add(&to, req->raw_path, len - 1);
  if (*req->raw_query)
    dl_strbuf_addf(&to, "?%s", req->raw_query);
  req->route = NULL;
  if (!to.failed)
    dl_http_add_header(req, "Location", to.data);
  dl_strbuf_free(&to);
  dl_http_reply_empty(req, strcmp(req->method, "GET") == 0 ? 301 : 307);
  return true;
}

/* The exchange is none of the API's. */
static void leave_out(dl_http_request *req) {
  dl_record_drop(req->record);
  req->record = NULL;
}

/* Everything that can be decided before the body has arrived. */
static void begin_request(dl_http_request *req) {
  const dl_http_config *config = &req->server->config;
  const char *length = dl_http_header(req, "Content-Length");
  const char *problem = dl_http_ambiguity(req);
  if (problem) {
    leave_out(req);
    req->refused = true;
    dl_http_add_header(req, "Connection", "close");
    dl_http_reply_error(req, 400, NULL, "bad request: %s", problem);
    return;
  }
  if (config->before)
    config->before(req);
  if (req->response)
    return;
  if (!req->route && !dl_http_request_route(req)) {
    if (!redirect_slash(req))
      reply_not_found(req);
    return;
  }
  if (req->route->begin)
    req->route->begin(req);
  if (!req->response && !req->route->body && length &&
      strtoull(length, NULL, 10) > body_limit(req))
    req->too_big = true;
}

static void finish_request(dl_http_request *req) {
  if (!req->response && req->too_big)
    dl_http_reply_error(req, 413, NULL, "request entity too large");
  if (!req->response && req->body.failed)
    dl_http_reply_error(req, 503, NULL, "out of memory");
  if (!req->response)
    req->route->handler(req);
  if (!dl_http_replied(req))
    dl_http_reply_error(req, 500, NULL, "the request was not answered");
}

static enum MHD_Result send_reply(dl_http_request *req) {
  struct MHD_Response *response = req->response;
  enum MHD_Result result;
  bool stopping;
  if (!response)
    return MHD_NO;
  dl_http_extra *h;
  for (h = req->headers; h; h = h->next)
    MHD_add_response_header(response, h->name, h->value);
  dl_record_types(req->record, dl_http_header(req, "User-Agent"),
                  dl_http_header(req, "Content-Type"),
                  MHD_get_response_header(response, "Content-Type"));
  pthread_mutex_lock(&req->server->lock);
  stopping = req->server->stopping;
  pthread_mutex_unlock(&req->server->lock);
  if (stopping && req->status != MHD_HTTP_SWITCHING_PROTOCOLS)
    MHD_add_response_header(response, "Connection", "close");
  result = MHD_queue_response(req->connection, req->status, response);
  MHD_destroy_response(response);
  req->response = NULL;
  return result;
}

/* What follows a refusal is read and dropped: closing the connection on a
 * client that still sends would destroy the answer on its way. */
static void take_body(dl_http_request *req, const char *data, size_t len) {
  dl_record_request(req->record, data, len);
  if (req->response || req->too_big)
    return;
  if (req->route->body)
    req->route->body(req, data, len);
  else if (len > body_limit(req) - req->body.len)
    req->too_big = true;
  else
    dl_strbuf_add(&req->body, data, len);
}

/* A client that waits for "100 Continue" has sent no body yet, so a refusal
 * can be sent at once; others are read to the end first, unless nobody can say
 * where that is. */
static bool ends_early(const dl_http_request *req) {
  const char *expect = dl_http_header(req, "Expect");
  return req->refused || ((req->response || req->too_big) && expect &&
                          strcasecmp(expect, "100-continue") == 0);
}

static void begin(dl_http_request *req) {
  begin_request(req);
  dl_http_connection_refused(req->server,
                             dl_http_connection_of(req->connection));
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
                                  const char *url, const char *method,
                                  const char *version, const char *data,
                                  size_t *size, void **context) {
  dl_http_request *req = *context;
  enum MHD_Result result = MHD_YES;
  bool begins = req == NULL;
  (void)url;
  if (begins)
    *context = req = start_request(cls, connection, method, version);
  if (!req)
    return MHD_NO;
  pause_timeout(req);
  if (begins) {
    begin(req);
    if (ends_early(req)) {
      finish_request(req);
      result = send_reply(req);
    }
  }
  else if (*size > 0) {
    take_body(req, data, *size);
    *size = 0;
  }
  else {
    finish_request(req);
    result = send_reply(req);
  }
  resume_timeout(req);
  return result;
}

/* The library's own log says nothing a user could act on. */
static void ignore_log(void *cls, const char *format, va_list args) {
  (void)cls;
  (void)format;
  (void)args;
}

/* How many connections there may be: each may need a second descriptor, and
 * some are needed for other things. */
static unsigned capacity(const dl_http_config *config) {
  unsigned most = config->connections ? config->connections : CONNECTIONS;
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY)
    return most;
  rlim_t own = limit.rlim_cur < 512 ? limit.rlim_cur / 2 : 256;
  own = (limit.rlim_cur - own) / 2;
  if (own < 4)
    own = 4;
  return own < most ? (unsigned)own : most;
}

static struct MHD_Daemon *start_daemon(dl_http_server *server) {
  const bool accepts = server->config.among_friends;
  struct MHD_OptionItem listening[] = {
      {MHD_OPTION_LISTEN_SOCKET, server->config.listen_fd, NULL},
      {MHD_OPTION_END, 0, NULL}};
  return MHD_start_daemon(
      MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION |
          MHD_USE_POLL | MHD_ALLOW_UPGRADE | MHD_USE_ITC | MHD_USE_ERROR_LOG |
          (accepts ? 0u : (unsigned)MHD_USE_NO_LISTEN_SOCKET),
      0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, ignore_log,
      NULL, MHD_OPTION_URI_LOG_CALLBACK, dl_http_on_uri, NULL,
      MHD_OPTION_NOTIFY_CONNECTION, dl_http_on_connection, server,
      MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
      MHD_OPTION_CONNECTION_TIMEOUT, dl_http_idle_seconds(server),
      MHD_OPTION_CONNECTION_LIMIT, server->most + LIBRARY_SPARE,
      MHD_OPTION_THREAD_STACK_SIZE, DL_HTTP_STACK, DL_HTTP_STRICT,
      MHD_OPTION_ARRAY, accepts ? listening : listening + 1, MHD_OPTION_END);
}

void dl_http_free(dl_http_server *server) {
  if (server->daemon)
    MHD_stop_daemon(server->daemon);
  pthread_cond_destroy(&server->moved);
  pthread_cond_destroy(&server->idle);
  pthread_mutex_destroy(&server->lock);
  free(server);
}

/* Starts serving on config->listen_fd (owned by the server whatever happens;
 * made non-blocking). The config is copied; the routes must outlive the server.
 * NULL with errno if it cannot start. */
dl_http_server *dl_http_start(const dl_http_config *config) {
  dl_http_server *server = calloc(1, sizeof *server);
  if (!server) {
    close(config->listen_fd);
    errno = ENOMEM;
    return NULL;
  }
  server->config = *config;
  server->head_ms = config->head_ms ? (int)config->head_ms : HEAD_MS;
  server->most = capacity(config);
  pthread_mutex_init(&server->lock, NULL);
  dl_clock_cond_init(&server->idle);
  dl_clock_cond_init(&server->moved);
  fcntl(config->listen_fd, F_SETFL, O_NONBLOCK);
  server->daemon = start_daemon(server);
  if (server->daemon && dl_http_listener_start(server) == 0)
    return server;
  int saved = errno;
  dl_http_free(server);
  close(config->listen_fd);
  errno = saved;
  return NULL;
}

void dl_http_pass(dl_http_request *req) {
  pthread_mutex_lock(&req->server->lock);
  req->server->passing += !req->passing;
  req->passing = true;
  pthread_mutex_unlock(&req->server->lock);
}

void dl_http_take(dl_http_request *req, const dl_http_route *route) {
  req->route = route;
  leave_out(req);
}
