#include "as.h"
#include "internal.h"
#include "wire/handshake.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Of the offered protocols the one to choose: what says the version first, and
 * never one that carries an environment. */
#define VERSION_TOKEN "X-Daytona-SDK-Version~"
#define SECRET_TOKEN "X-Daytona-Pty-Envs~"

/* Takes the next element off a comma-separated list. False at its end. */
static bool next_element(const char **list, const char **element, size_t *len) {
  const char *p = *list + strspn(*list, " \t,");
  *len = strcspn(p, ",");
  *list = p + *len;
  *element = p;
  while (*len > 0 && (p[*len - 1] == ' ' || p[*len - 1] == '\t'))
    --*len;
  return *len > 0;
}

static bool list_has(const char *list, const char *word) {
  const char *element;
  size_t len;
  while (list && next_element(&list, &element, &len)) {
    if (len == strlen(word) && strncasecmp(element, word, len) == 0)
      return true;
  }
  return false;
}

/* Whether the client asks for a WebSocket. */
bool dl_websocket_wanted(const dl_http_request *req) {
  return list_has(dl_http_header(req, "Upgrade"), "websocket") &&
         list_has(dl_http_header(req, "Connection"), "upgrade");
}

typedef struct search {
  const char *prefix;
  bool matches; /* what is looked for starts with the prefix, or does not */
  const char *found; /* in a header of the request */
  size_t len;
} search;

static enum MHD_Result look(void *arg, enum MHD_ValueKind kind,
                            const char *name, const char *value) {
  search *s = arg;
  size_t len, n = strlen(s->prefix);
  (void)kind;
  if (!value || strcasecmp(name, "Sec-WebSocket-Protocol") != 0)
    return MHD_YES;
  const char *element;
  while (!s->found && next_element(&value, &element, &len)) {
    bool matches = len >= n && memcmp(element, s->prefix, n) == 0;
    if (matches == s->matches) {
      s->found = element;
      s->len = len;
    }
  }
  return s->found ? MHD_NO : MHD_YES;
}

char *dl_websocket_token(dl_http_request *req, const char *prefix) {
  search s = {prefix, true, NULL, 0};
  size_t n = strlen(prefix);
  dl_http_each_header(req, look, &s);
  return s.found ? strndup(s.found + n, s.len - n) : NULL;
}

/* Many clients give up when they offered something and nothing was chosen. */
static void choose_protocol(dl_http_request *req) {
  static const struct {
    const char *prefix;
    bool matches;
  } order[] = {{VERSION_TOKEN, true}, {SECRET_TOKEN, false}, {"", true}};
  search s = {NULL, false, NULL, 0};
  char *chosen;
  size_t i, n = dl_as_now()->no_newer ? 1 : sizeof order / sizeof *order;
  for (i = 0; !s.found && i < n; i++) {
    s.prefix = order[i].prefix;
    s.matches = order[i].matches;
    dl_http_each_header(req, look, &s);
  }
  chosen = s.found ? strndup(s.found, s.len) : NULL;
  if (chosen)
    dl_http_add_header(req, "Sec-WebSocket-Protocol", chosen);
  free(chosen);
}

/* Puts the socket on the server's list. */
static void enlist(dl_websocket *ws) {
  dl_http_server *server = ws->server;
  pthread_mutex_lock(&server->lock);
  ws->next = server->sockets;
  if (ws->next)
    ws->next->previous = ws;
  server->sockets = ws;
  if (server->stopping)
    dl_websocket_close(ws, DT_CLOSE_GOING_AWAY, "");
  pthread_mutex_unlock(&server->lock);
}

static void delist(dl_websocket *ws) {
  dl_http_server *server = ws->server;
  pthread_mutex_lock(&server->lock);
  if (ws->previous)
    ws->previous->next = ws->next;
  else
    server->sockets = ws->next;
  if (ws->next)
    ws->next->previous = ws->previous;
  pthread_mutex_unlock(&server->lock);
}

/* libmicrohttpd hands the connection over. It is served in the thread of the
 * connection; see dl_http_socket_begins. */
static void on_upgrade(void *cls, struct MHD_Connection *connection,
                       void *context, const char *extra, size_t n,
                       MHD_socket fd, struct MHD_UpgradeResponseHandle *urh) {
  dl_http_request *req = context;
  dl_websocket *ws = req->websocket;
  int one = 1, zero = 0;
  (void)cls;
  (void)connection;
  req->websocket = NULL;
  setsockopt(fd, IPPROTO_TCP, TCP_CORK, &zero, sizeof zero);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ws->fd = fd;
  dl_http_socket_begins(req);
  enlist(ws);
  dl_websocket_run(ws, extra, n);
  delist(ws);
  MHD_upgrade_action(urh, MHD_UPGRADE_ACTION_CLOSE);
  dl_websocket_abandon(ws);
  dl_http_socket_ended(req->server);
}

static void refuse(dl_http_request *req) {
  dl_http_add_header(req, "Sec-Websocket-Version", "13");
  dl_http_reply_text(req, 400, "text/plain; charset=utf-8", "Bad Request\n");
}

void dl_websocket_accept(dl_http_request *req,
                         const dl_websocket_config *config) {
  const char *key = dl_http_header(req, "Sec-WebSocket-Key");
  const char *version = dl_http_header(req, "Sec-WebSocket-Version");
  char answer[DT_HANDSHAKE_ACCEPT];
  struct MHD_Response *response = NULL;
  dl_websocket *ws = NULL;
  bool asked = dl_websocket_wanted(req) && version &&
               strcmp(version, "13") == 0 && key &&
               dt_handshake_accept(key, answer) == 0;
  if (asked)
    ws = dl_websocket_new(req->server, config);
  if (ws)
    response = MHD_create_response_for_upgrade(on_upgrade, NULL);
  if (response) {
    req->websocket = ws;
    req->abandon = dl_websocket_abandon;
    MHD_add_response_header(response, "Upgrade", "websocket");
    MHD_add_response_header(response, "Sec-WebSocket-Accept", answer);
    choose_protocol(req);
    dl_http_reply_response(req, 101, response);
    return;
  }
  if (ws)
    dl_websocket_abandon(ws);
  else if (config->release)
    config->release(config->arg);
  if (!asked)
    refuse(req);
  else
    dl_http_reply_error(req, 503, NULL, "no room for another connection");
}

void dl_websocket_close_all(dl_http_server *server) {
  pthread_mutex_lock(&server->lock);
  server->stopping = true;
  dl_websocket *ws;
  for (ws = server->sockets; ws; ws = ws->next)
    dl_websocket_close(ws, DT_CLOSE_GOING_AWAY, "");
  pthread_mutex_unlock(&server->lock);
}
