#include "sweep_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../src/wire/handshake.h"

enum { MAX_CONNECTIONS = 64, MAX_REQUEST = 64 * 1024, BLOB = 20000 };

#define SANDBOX(id)                                                            \
  "{\"id\":\"" id "\",\"name\":\"n\",\"state\":\"started\",\"cpu\":1.5,"       \
  "\"labels\":{\"a\":\"b\"},\"env\":null,\"volumes\":[],"                      \
  "\"autoStopInterval\":15,\"newField\":{\"innerField\":[1,null,\"x\"]},"      \
  "\"toolboxProxyUrl\":\"http://127.0.0.1:1/t\"}"

/* The first whose 'part' is in the request line wins.  Without a body the
 *answer never
 * comes; a short body never ends. */
static const struct {
  const char *part;
  int status;
  const char *type;
  const char *body;
  int missing; /* bytes that are announced and not sent */
} answers[] = {
    {"/stall/", 0, NULL, NULL, 0},
    {"/half/", 200, "application/octet-stream", "first half", 1000},
    {"/e404/", 404, "application/json",
     "{\"statusCode\":404,\"message\":[\"no such thing\",\"here\"],"
     "\"error_code\":\"X_NOT_FOUND\",\"source\":\"DAYTONA_DAEMON\"}",
     0},
    {"/e500/", 500, "text/plain", "it broke: sweep-secret", 0},
    {"/invalid/", 200, "application/json", "{\"exitCode\": 0, \"result\":", 0},
    {"/senseless/", 200, "application/json", "{\"exitCode\": \"zero\"}", 0},
    {"/process/execute", 200, "application/json",
     "{\"exitCode\":0,\"result\":\"h\\u00e9llo\\n\"}", 0},
    {"/process/code-run", 200, "application/json",
     "{\"exitCode\":0,\"result\":\"\",\"artifacts\":{\"charts\":[{\"type\":"
     "\"line\",\"elements\":[{\"label\":\"l\",\"points\":[[1,2],[3,4.5]]}]}]}}",
     0},
    {"/files/bulk-upload", 200, "application/json",
     "{\"files\":[{\"path\":\"p\",\"bytes\":5000}]}", 0},
    {"/files/upload-v2", 200, "application/json", "{\"name\":\"p\"}", 0},
    {"/files/download", 200, "application/octet-stream", NULL, 0},
    {"/files", 200, "application/json",
     "[{\"name\":\"a\",\"path\":\"d/a\",\"isDir\":false,\"size\":12},"
     "{\"name\":\"b\",\"path\":\"d/b\",\"isDir\":true,\"size\":4096}]",
     0},
    {"/api/free", 200, "application/json",
     "{\"camelCase\":[1,null,{\"x\":2.5}],\"t\":true}", 0},
    {"POST /api/sandbox ", 200, "application/json", SANDBOX("one"), 0},
    {"/api/sandbox/", 200, "application/json", SANDBOX("one"), 0},
    {"/api/sandbox", 200, "application/json",
     "{\"items\":[" SANDBOX("one") "," SANDBOX("two") "],\"nextCursor\":null}",
     0},
    {"", 404, "text/html", "<html>", 0}};

typedef struct connection {
  char request[MAX_REQUEST + 1];
  size_t length;
} connection;

/* Writes all of it; the receiver's buffer is larger than any answer here. */
static int put(int fd, const char *bytes, size_t n) {
  return send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* A WebSocket that says a text and two parts of a binary message, and closes;
 * what comes back is not looked at. */
static int answer_websocket(int fd, const char *request) {
  static const char frames[] = "\x81\x02hi\x02\x01"
                               "a\x80\x01"
                               "b"
                               "\x89\x01p\x88\x05\x03\xe8"
                               "bye";
  char key[DT_HANDSHAKE_KEY] = "", accept[DT_HANDSHAKE_ACCEPT], head[256];
  const char *line = strstr(request, "Sec-WebSocket-Key: ");
  if (!line || sscanf(line + 19, "%24s", key) != 1 ||
      dt_handshake_accept(key, accept) != 0)
    return 0;
  int size = snprintf(head, sizeof head,
                      "HTTP/1.1 101 Any\r\nUpgrade: websocket\r\n"
                      "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                      accept);
  return put(fd, head, (size_t)size) && put(fd, frames, sizeof frames - 1);
}

static int answer(int fd, const char *request) {
  static char blob[BLOB + 1];
  char head[256], line[512];
  size_t i = 0, n = strcspn(request, "\r\n");
  snprintf(line, sizeof line, "%.*s", (int)n, request);
  if (strstr(line, "/ws/"))
    return answer_websocket(fd, request);
  while (!strstr(line, answers[i].part))
    i++;
  if (answers[i].status == 0)
    return 1;
  const char *body = answers[i].body;
  if (!body)
    body = memset(blob, 'x', BLOB);
  n = strlen(body);
  int size = snprintf(head, sizeof head,
                      "HTTP/1.1 %d Any\r\nContent-Type: %s\r\n"
                      "X-Request-Id: r-1\r\nContent-Length: %zu\r\n\r\n",
                      answers[i].status, answers[i].type,
                      n + (size_t)answers[i].missing);
  return put(fd, head, (size_t)size) && put(fd, body, n);
}

/* Bytes of the complete request at the start, 0 if it is not complete. */
static size_t request_length(const char *request) {
  const char *end = strstr(request, "\r\n\r\n");
  if (!end)
    return 0;
  size_t head = (size_t)(end - request) + 4, body = 0;
  for (const char *p = request; p < end; p = strstr(p, "\r\n") + 2) {
    if (strncasecmp(p, "Content-Length:", 15) == 0)
      body = strtoul(p + 15, NULL, 10);
    if (strncasecmp(p, "Transfer-Encoding:", 18) == 0) {
      const char *last = strstr(end, "\r\n0\r\n\r\n");
      return last ? (size_t)(last - request) + 7 : 0;
    }
  }
  return strlen(request) >= head + body ? head + body : 0;
}

/* Reads and answers; returns 0 when the connection is to be closed. */
static int serve(int fd, connection *c) {
  ssize_t n = recv(fd, c->request + c->length, MAX_REQUEST - c->length, 0);
  if (n <= 0)
    return 0;
  c->length += (size_t)n;
  c->request[c->length] = '\0';
  for (size_t used; (used = request_length(c->request)) > 0;) {
    if (!answer(fd, c->request))
      return 0;
    c->length -= used;
    memmove(c->request, c->request + used, c->length + 1);
  }
  return c->length < MAX_REQUEST;
}

static void loop(int listener) {
  static struct pollfd fds[MAX_CONNECTIONS];
  static connection connections[MAX_CONNECTIONS];
  nfds_t count = 1;
  fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
  while (poll(fds, count, -1) > 0) {
    for (nfds_t i = count - 1; i > 0; i--) {
      if (fds[i].revents == 0 || serve(fds[i].fd, &connections[i]))
        continue;
      close(fds[i].fd);
      fds[i] = fds[--count];
      connections[i] = connections[count];
    }
    if (fds[0].revents == 0 || count == MAX_CONNECTIONS)
      continue;
    int fd = accept(listener, NULL, NULL), on = 1;
    if (fd < 0)
      continue;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[count].length = 0;
    fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
}

int sweep_server_start(void) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0 ||
      bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
      listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    return -1;
  pid_t parent = getpid(), pid = fork();
  if (pid < 0)
    return -1;
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
      loop(listener);
    _exit(0);
  }
  close(listener);
  return ntohs(address.sin_port);
}
