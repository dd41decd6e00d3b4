#include "proxy.h"
#include "crypto.h"
#include "daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* How much answer is kept while the request is still being sent. */
#define EARLY_LIMIT ((size_t)64 << 20)
#define READ_SIZE ((size_t)64 << 10)

/* Frees the relay's state and closes its connection. */
void dl_proxy_free(void *proxy) {
  dl_proxy *p = proxy;
  if (p->fd >= 0)
    close(p->fd);
  dl_strbuf_free(&p->in);
  free(p);
}

/* Reads what has come into p->in. Bytes read, 0 at the end, -1 on error. */
ssize_t dl_proxy_receive(dl_proxy *p) {
  ssize_t n;
  if (p->at == p->in.len) {
    dl_strbuf_clear(&p->in);
    p->at = 0;
  }
  if (dl_strbuf_reserve(&p->in, READ_SIZE))
    return -1;
  do
    n = recv(p->fd, p->in.data + p->in.len, READ_SIZE, 0);
  while (n < 0 && errno == EINTR);
  if (n > 0) {
    p->in.len += (size_t)n;
    p->in.data[p->in.len] = '\0';
  }
  return n;
}

/* Sends all, taking in what comes back meanwhile: a server that answers while
 * it reads would otherwise wait for us as we wait for it. */
static void send_all(dl_proxy *p, const char *data, size_t len) {
  while (len > 0 && !p->broken) {
    struct pollfd wait = {p->fd, POLLOUT, 0};
    ssize_t n;
    if (p->in.len < EARLY_LIMIT)
      wait.events |= POLLIN;
    if (poll(&wait, 1, -1) < 0)
      continue;
    if ((wait.revents & POLLIN) && dl_proxy_receive(p) <= 0)
      p->broken = true;
    if (!(wait.revents & (POLLOUT | POLLERR | POLLHUP)))
      continue;
    n = send(p->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      data += n;
      len -= (size_t)n;
    }
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
      p->broken = true;
  }
}

/* Headers that speak of one connection and are not passed on. */
bool dl_proxy_is_hop_header(const char *name) {
  static const char *const names[] = {"Connection",
                                      "Keep-Alive",
                                      "Proxy-Authenticate",
                                      "Proxy-Authorization",
                                      "Proxy-Connection",
                                      "TE",
                                      "Trailer",
                                      "Transfer-Encoding",
                                      "Upgrade"};
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcasecmp(name, names[i]) == 0)
      return true;
  }
  return false;
}

typedef struct head {
  dl_strbuf text;
  bool drop_authorization; /* it is the API key, not the application's */
} head;

static enum MHD_Result add_header(void *arg, enum MHD_ValueKind kind,
                                  const char *name, const char *value) {
  head *h = arg;
  (void)kind;
  if (!dl_proxy_is_hop_header(name) && strcasecmp(name, "Host") != 0 &&
      strcasecmp(name, "Expect") != 0 &&
      strcasecmp(name, "X-Daytona-Preview-Token") != 0 &&
      strcasecmp(name, "X-Forwarded-For") != 0 &&
      !(h->drop_authorization && strcasecmp(name, "Authorization") == 0))
    dl_strbuf_addf(&h->text, "%s: %s\r\n", name, value ? value : "");
  return MHD_YES;
}

/* The key of the sandbox must not reach the programs in it. */
static bool carries_key(dl_http_request *req) {
  const char *token = dl_http_bearer(req);
  char hex[DL_CRYPTO_SHA256_HEX];
  return token && dl_crypto_sha256_hex(token, strlen(token), hex) == 0 &&
         dl_crypto_equal(hex, dl_daemon_of(req)->bearer_sha256);
}

static void send_head(dl_http_request *req, dl_proxy *p, unsigned port) {
  const char *query = dl_http_raw_query(req);
  const char *before = dl_http_header(req, "X-Forwarded-For");
  head h;
  memset(&h, 0, sizeof h);
  h.drop_authorization = carries_key(req);
  p->chunked_request = dl_http_header(req, "Transfer-Encoding") != NULL;
  dl_strbuf_addf(&h.text, "%s /%s%s%s HTTP/1.1\r\nHost: localhost:%u\r\n",
                 dl_http_method(req), dl_http_raw_rest(req), *query ? "?" : "",
                 query, port);
  dl_http_each_header(req, add_header, &h);
  dl_strbuf_addf(&h.text, "X-Forwarded-For: %s%s127.0.0.1\r\n",
                 before ? before : "", before ? ", " : "");
  if (p->chunked_request)
    dl_strbuf_adds(&h.text, "Transfer-Encoding: chunked\r\n");
  dl_strbuf_adds(&h.text, "Connection: close\r\n\r\n");
  if (h.text.failed)
    p->broken = true;
  else
    send_all(p, h.text.data, h.text.len);
  dl_strbuf_free(&h.text);
}

static int connect_to(unsigned port) {
  struct sockaddr_in at;
  int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  memset(&at, 0, sizeof at);
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons((uint16_t)port);
  if (connect(fd, (struct sockaddr *)&at, sizeof at)) {
    close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

/* ANY /proxy/{port}/..., before the body */
void dl_proxy_begin(dl_http_request *req) {
  const char *text = dl_http_param(req, "port");
  char *end;
  unsigned long port = strtoul(text, &end, 10);
  dl_proxy *p;
  if (*end || *text == '-' || port < 1 || port > 65535) {
    dl_http_reply_error(req, 400, NULL,
                        "bad request: failed to parse target URL: invalid port "
                        "\"%s\"",
                        text);
    return;
  }
  if (dl_http_header(req, "Upgrade")) {
    dl_http_reply_error(req, 501, NULL,
                        "a connection upgrade through the proxy is not "
                        "supported by daytona-local");
    return;
  }
  p = calloc(1, sizeof *p);
  if (!p) {
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  dl_http_set_state(req, p, dl_proxy_free);
  p->fd = connect_to((unsigned)port);
  if (p->fd < 0)
    dl_http_reply_error(req, 502, NULL, "nothing answers on port %lu", port);
  else
    send_head(req, p, (unsigned)port);
}

/* A piece of the request's body */
void dl_proxy_body(dl_http_request *req, const char *data, size_t len) {
  dl_proxy *p = dl_http_state(req);
  dl_strbuf size = {0};
  if (!p->chunked_request) {
    send_all(p, data, len);
    return;
  }
  dl_strbuf_addf(&size, "%zx\r\n", len);
  send_all(p, size.data, size.len);
  send_all(p, data, len);
  send_all(p, "\r\n", 2);
  dl_strbuf_free(&size);
}

/* The end of the body: now the answer is passed back. */
void dl_proxy_finish(dl_http_request *req) {
  dl_proxy *p = dl_http_take_state(req);
  if (p->chunked_request)
    send_all(p, "0\r\n\r\n", 5);
  dl_proxy_reply(req, p);
}

/* ANY /proxy/{port}: to the same with a slash */
void dl_proxy_redirect(dl_http_request *req) {
  const char *query = dl_http_raw_query(req);
  dl_strbuf to = {0};
  dl_strbuf_addf(&to, "%s/%s%s", dl_http_raw_path(req), *query ? "?" : "",
                 query);
  if (!to.failed)
    dl_http_add_header(req, "Location", to.data);
  dl_strbuf_free(&to);
  dl_http_reply_empty(req, strcmp(dl_http_method(req), "GET") == 0 ? 301 : 307);
}
