#include "daemon.h"
#include "relay/relay.h"
#include "strbuf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static int try_connect(const struct sockaddr *at, socklen_t len) {
  int one = 1, fd = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  if (connect(fd, at, len)) {
    close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

/* To localhost, which is two addresses: some applications listen on one of
 * them only. */
static int connect_to(unsigned port) {
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
  v4.sin_port = v6.sin6_port = htons((uint16_t)port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  v6.sin6_addr = in6addr_loopback;
  int fd = try_connect((struct sockaddr *)&v4, sizeof v4);
  return fd >= 0 ? fd : try_connect((struct sockaddr *)&v6, sizeof v6);
}

/* The client's address is not ours to tell, but for those before us. */
static bool drops(void *arg, const char *header, const char *value) {
  (void)arg;
  (void)value;
  return strcasecmp(header, "X-Forwarded-For") == 0;
}

static void pass_on(dl_http_request *req, int fd, unsigned port) {
  const char *others = dl_http_header(req, "X-Forwarded-For");
  dl_strbuf path = {0}, more = {0};
  char host[32];
  dl_relay_target to = {.fd = fd, .host = host, .drops = drops};
  snprintf(host, sizeof host, "localhost:%u", port);
  dl_strbuf_addf(&path, "/%s", dl_http_raw_rest(req));
  dl_strbuf_addf(&more, "X-Forwarded-For: %s%s127.0.0.1\r\n",
                 others ? others : "", others ? ", " : "");
  to.path = path.data;
  to.more = more.data;
  if (path.failed || more.failed) {
    close(fd);
    dl_http_reply_error(req, 500, NULL, "out of memory");
  }
  else
    dl_relay_begin(req, &to);
  dl_strbuf_free(&path);
  dl_strbuf_free(&more);
}

/* ANY /proxy/{port}/..., before the body */
void dl_proxy_begin(dl_http_request *req) {
  const char *text = dl_http_param(req, "port");
  char *end;
  unsigned long port = strtoul(text, &end, 10);
  if (*end || *text == '-' || port < 1 || port > 65535) {
    dl_http_reply_error(req, 400, NULL,
                        "bad request: failed to parse target URL: invalid port "
                        "\"%s\"",
                        text);
    return;
  }
  int fd = connect_to((unsigned)port);
  if (fd < 0)
    dl_http_reply_empty(req, 502);
  else
    pass_on(req, fd, (unsigned)port);
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
