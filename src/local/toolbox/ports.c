#include "daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TCP_LISTEN 10

/* Calls visit(port, arg) for each listening IPv4 socket. */
static void each_listening(void (*visit)(unsigned port, void *arg), void *arg) {
  char line[256];
  FILE *f = fopen("/proc/net/tcp", "re");
  while (f && fgets(line, sizeof line, f)) {
    unsigned port, state;
    if (sscanf(line, " %*d: %*x:%x %*x:%*x %x", &port, &state) == 2 &&
        state == TCP_LISTEN)
      visit(port, arg);
  }
  if (f)
    fclose(f);
}

static void add_port(unsigned port, void *arg) {
  json_t *ports = arg, *seen;
  size_t i;
  json_array_foreach(ports, i, seen) {
    if (json_integer_value(seen) == (json_int_t)port)
      return;
  }
  json_array_append_new(ports, json_integer(port));
}

/* GET /port */
void dl_ports_list(dl_http_request *req) {
  json_t *ports = json_array();
  each_listening(add_port, ports);
  dl_http_reply_json(req, 200, json_pack("{s:o}", "ports", ports));
}

/* Whether something accepts connections on the loopback port. */
static bool accepts(unsigned port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int error = 0;
  socklen_t len = sizeof error;
  if (fd < 0)
    return false;
  struct sockaddr_in at;
  memset(&at, 0, sizeof at);
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons((uint16_t)port);
  bool ok = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
  struct pollfd wait;
  if (!ok && errno == EINPROGRESS) {
    wait.fd = fd;
    wait.events = POLLOUT;
    ok = poll(&wait, 1, 50) == 1 &&
         getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0;
  }
  close(fd);
  return ok;
}

/* GET /port/{port}/in-use */
void dl_ports_in_use(dl_http_request *req) {
  const char *text = dl_http_param(req, "port");
  char *end;
  long port = strtol(text, &end, 10);
  if (*end || port < 3000 || port > 9999) {
    dl_http_reply_error(req, 400, NULL,
                        "bad request: port must be an integer from 3000 to "
                        "9999");
    return;
  }
  dl_http_reply_json(
      req, 200, json_pack("{s:b}", "isInUse", (int)accepts((unsigned)port)));
}
