/*
 * A fast HTTP server that costs the client under measurement as little as
 * possible: one thread for each connection, keep-alive, fixed answers.
 *
 *   POST .../process/execute     {"exitCode":0,"result":""}
 *   POST .../files/bulk-upload   discards the file, answers its size
 *   GET  .../files/download      SIZE bytes from memory
 *   GET  /api/sandbox/{id}       a started sandbox that lives here
 *   GET  /last                   the last execute request, byte for byte
 *
 * usage: sink [SIZE]; prints its port on one line, serves until killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)64 * 1024)
#define BLOCK_SIZE ((size_t)256 * 1024)
#define BOUNDARY_SIZE 128

typedef struct Connection {
  int fd;
  size_t used; /* bytes of `data` that were received and not yet consumed */
  char data[BUFFER_SIZE + 1];
} Connection;

typedef struct Request {
  char method[8];
  char path[2048];
  char boundary[BOUNDARY_SIZE];
  size_t head_size;
  long long content_length;
  int expects_continue;
  int chunked;
} Request;

static long long download_size = 1LL << 30;
static unsigned port;
static char block[BLOCK_SIZE];

static pthread_mutex_t last_lock = PTHREAD_MUTEX_INITIALIZER;
static char last[BUFFER_SIZE];
static size_t last_size;

static void die(const char *what) {
  fprintf(stderr, "sink: %s: %s\n", what, strerror(errno));
  exit(EXIT_FAILURE);
}

static int send_all(int fd, const char *data, size_t size) {
  while (size > 0) {
    ssize_t n = send(fd, data, size, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return 0;
    data += n;
    size -= (size_t)n;
  }
  return 1;
}

/* Receive more into the buffer; 0 when the peer left or the buffer is full. */
static int receive(Connection *c) {
  ssize_t n;
  if (c->used == BUFFER_SIZE)
    return 0;
  do {
    n = recv(c->fd, c->data + c->used, BUFFER_SIZE - c->used, 0);
  } while (n < 0 && errno == EINTR);
  if (n <= 0)
    return 0;
  c->used += (size_t)n;
  c->data[c->used] = '\0';
  return 1;
}

static void consume(Connection *c, size_t size) {
  c->used -= size;
  memmove(c->data, c->data + size, c->used);
  c->data[c->used] = '\0';
}

static int answer(Connection *c, const char *status, const char *type,
                  const char *body, size_t size) {
  char text[BUFFER_SIZE];
  int n = snprintf(text, sizeof text,
                   "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
                   "Content-Length: %zu\r\n\r\n",
                   status, type, size);
  if (n < 0 || size > sizeof text - (size_t)n)
    return 0;
  memcpy(text + n, body, size);
  return send_all(c->fd, text, (size_t)n + size);
}

/* Answer with JSON; sizes here stay far below the limit. */
static int answer_json(Connection *c, const char *status, const char *format,
                       ...) {
  char body[4096];
  va_list arguments;
  int n;
  va_start(arguments, format);
  n = vsnprintf(body, sizeof body, format, arguments);
  va_end(arguments);
  if (n < 0 || (size_t)n >= sizeof body)
    return 0;
  return answer(c, status, "application/json", body, (size_t)n);
}

/* Copy the value of `name` out of a head, or "" when it has no such header. */
static void header(const char *head, const char *name, char *value,
                   size_t capacity) {
  size_t length = strlen(name);
  const char *line = head;
  value[0] = '\0';
  while ((line = strstr(line, "\r\n")) != NULL) {
    line += 2;
    if (strncmp(line, "\r\n", 2) == 0)
      return; /* the body follows */
    if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
      line += length + 1;
      line += strspn(line, " ");
      snprintf(value, capacity, "%.*s", (int)strcspn(line, "\r\n"), line);
      return;
    }
  }
}

/* Receive one head and parse it; 0 when the peer left or sent none. */
static int read_request(Connection *c, Request *r) {
  char value[512];
  char *end, *boundary;
  c->data[c->used] = '\0';
  while ((end = strstr(c->data, "\r\n\r\n")) == NULL)
    if (!receive(c))
      return 0;
  r->head_size = (size_t)(end - c->data) + 4;
  if (sscanf(c->data, "%7s %2047s", r->method, r->path) != 2)
    return 0;
  header(c->data, "Content-Length", value, sizeof value);
  r->content_length = strtoll(value, NULL, 10);
  header(c->data, "Expect", value, sizeof value);
  r->expects_continue = (strcasecmp(value, "100-continue") == 0);
  header(c->data, "Transfer-Encoding", value, sizeof value);
  r->chunked = (value[0] != '\0');
  header(c->data, "Content-Type", value, sizeof value);
  boundary = strstr(value, "boundary=");
  snprintf(r->boundary, sizeof r->boundary, "%.*s", BOUNDARY_SIZE - 1,
           boundary != NULL ? boundary + 9 : "");
  return 1;
}

static int serve_execute(Connection *c, const Request *r) {
  size_t size = r->head_size + (size_t)r->content_length;
  if (r->content_length < 0 || size > BUFFER_SIZE)
    return 0;
  while (c->used < size)
    if (!receive(c))
      return 0;
  pthread_mutex_lock(&last_lock);
  memcpy(last, c->data, size);
  last_size = size;
  pthread_mutex_unlock(&last_lock);
  consume(c, size);
  return answer_json(c, "200 OK", "{\"exitCode\":0,\"result\":\"\"}");
}

static int serve_last(Connection *c, const Request *r) {
  char copy[BUFFER_SIZE];
  size_t size;
  consume(c, r->head_size);
  pthread_mutex_lock(&last_lock);
  size = last_size;
  memcpy(copy, last, size);
  pthread_mutex_unlock(&last_lock);
  return answer(c, "200 OK", "application/octet-stream", copy, size);
}

/* Throw away `size` bytes, first from the buffer, then in the kernel. */
static int discard(Connection *c, long long size) {
  size_t held = c->used;
  if ((long long)held > size)
    held = (size_t)size;
  consume(c, held);
  size -= (long long)held;
  while (size > 0) {
    size_t most = size < 1 << 20 ? (size_t)size : (size_t)1 << 20;
    ssize_t n = recv(c->fd, NULL, most, MSG_TRUNC);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return 0;
    size -= n;
  }
  return 1;
}

/* Everything before the file's first byte must fit the buffer; so must the
 * closing boundary, which is compared, so that the count is the file's. */
static int serve_upload(Connection *c, const Request *r) {
  char tail[BOUNDARY_SIZE + 16];
  size_t tail_size;
  long long size;
  char *part;
  char *start = NULL;
  tail_size =
      (size_t)snprintf(tail, sizeof tail, "\r\n--%s--\r\n", r->boundary);
  consume(c, r->head_size);
  if (r->chunked) {
    answer_json(c, "411 Length Required", "{\"message\":\"chunked\"}");
    return 0;
  }
  if (r->expects_continue &&
      !send_all(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25))
    return 0;
  for (;;) {
    part = memmem(c->data, c->used, "name=\"files[0].file\"", 20);
    if (part != NULL)
      start = memmem(part, c->used - (size_t)(part - c->data), "\r\n\r\n", 4);
    if (start != NULL)
      break;
    if (!receive(c))
      return 0;
  }
  start += 4;
  size = r->content_length - (start - c->data) - (long long)tail_size;
  if (size < 0 || !discard(c, (start - c->data) + size))
    return 0;
  while (c->used < tail_size)
    if (!receive(c))
      return 0;
  if (memcmp(c->data, tail, tail_size) != 0) {
    answer_json(c, "400 Bad Request", "{\"errors\":[\"no closing boundary\"]}");
    return 0;
  }
  consume(c, tail_size);
  return answer_json(
      c, "200 OK", "{\"files\":[{\"path\":\"/tmp/x\",\"bytes\":%lld}]}", size);
}

static int serve_download(Connection *c, const Request *r) {
  char head[256];
  long long left = download_size;
  int n = snprintf(head, sizeof head,
                   "HTTP/1.1 200 OK\r\n"
                   "Content-Type: application/octet-stream\r\n"
                   "Content-Length: %lld\r\n\r\n",
                   left);
  consume(c, r->head_size);
  if (!send_all(c->fd, head, (size_t)n))
    return 0;
  while (left > 0) {
    size_t size = left < (long long)BLOCK_SIZE ? (size_t)left : BLOCK_SIZE;
    if (!send_all(c->fd, block, size))
      return 0;
    left -= (long long)size;
  }
  return 1;
}

static int serve_sandbox(Connection *c, const Request *r) {
  const char *id = strrchr(r->path, '/') + 1;
  consume(c, r->head_size);
  return answer_json(
      c, "200 OK",
      "{\"id\":\"%.64s\",\"name\":\"%.64s\",\"organizationId\":\"org\","
      "\"user\":\"daytona\",\"env\":{},\"labels\":{},\"public\":false,"
      "\"networkBlockAll\":false,\"target\":\"local\",\"cpu\":1,\"gpu\":0,"
      "\"memory\":1,\"disk\":1,\"state\":\"started\","
      "\"desiredState\":\"started\",\"autoStopInterval\":0,"
      "\"autoArchiveInterval\":0,\"autoDeleteInterval\":-1,"
      "\"createdAt\":\"2026-01-01T00:00:00.000Z\","
      "\"updatedAt\":\"2026-01-01T00:00:00.000Z\","
      "\"toolboxProxyUrl\":\"http://127.0.0.1:%u/toolbox\"}",
      id, id, port);
}

static int serve(Connection *c, const Request *r) {
  if (strcmp(r->method, "POST") == 0) {
    if (strstr(r->path, "/process/execute"))
      return serve_execute(c, r);
    if (strstr(r->path, "/files/bulk-upload"))
      return serve_upload(c, r);
  }
  else if (strcmp(r->method, "GET") == 0) {
    if (strstr(r->path, "/files/download"))
      return serve_download(c, r);
    if (strncmp(r->path, "/api/sandbox/", 13) == 0)
      return serve_sandbox(c, r);
    if (strcmp(r->path, "/last") == 0)
      return serve_last(c, r);
  }
  answer_json(c, "404 Not Found", "{\"message\":\"no such route\"}");
  return 0; /* there may be a body, which nobody has read */
}

static void *serve_connection(void *arg) {
  Connection *c = arg;
  Request r;
  while (read_request(c, &r) && serve(c, &r))
    continue;
  close(c->fd);
  free(c);
  return NULL;
}

static int listen_on_loopback(void) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
      listen(fd, 64) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0)
    die("cannot listen");
  port = ntohs(address.sin_port);
  return fd;
}

int main(int argc, char **argv) {
  pthread_attr_t detached;
  int fd, one = 1;
  if (argc > 1)
    download_size = strtoll(argv[1], NULL, 10);
  memset(block, 'x', sizeof block);
  signal(SIGPIPE, SIG_IGN);
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  fd = listen_on_loopback();
  printf("%u\n", port);
  fflush(stdout);
  for (;;) {
    pthread_t thread;
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    Connection *c;
    if (client < 0)
      continue;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c = calloc(1, sizeof *c);
    if (c == NULL)
      die("out of memory");
    c->fd = client;
    if (pthread_create(&thread, &detached, serve_connection, c) != 0)
      die("cannot start a thread");
  }
}
