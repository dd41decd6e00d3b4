/* The floor of WebSockets: a server in C, and bare readers of the same socket.
 * usage: stream serve              prints its port; /stream/BYTES, /echo
 *        stream read PORT BYTES    seconds until all came, recv only
 *        stream echo PORT COUNT    median seconds of a round trip
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../src/wire/frames.h"
#include "../src/wire/handshake.h"

enum { FRAME = 32 * 1024, HEADER = 4, BATCH = 8 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void put(int fd, const void *bytes, size_t n) {
  for (const char *p = bytes; n > 0;) {
    ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
    if (sent <= 0)
      exit(0);
    p += sent;
    n -= (size_t)sent;
  }
}

/* Reads up to the empty line; what comes behind it must not come yet. */
static void read_head(int fd, char *head, size_t size) {
  size_t n = 0;
  while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0)
    if (n + 1 >= size || recv(fd, head + n++, 1, 0) != 1)
      exit(0);
  head[n] = '\0';
}

static void stream(int fd, long long bytes) {
  static unsigned char frames[BATCH * (HEADER + FRAME)];
  for (int i = 0; i < BATCH; i++) {
    unsigned char *frame = frames + i * (HEADER + FRAME);
    frame[0] = 0x82;
    frame[1] = 126;
    frame[2] = FRAME >> 8;
    frame[3] = FRAME & 255;
    memset(frame + HEADER, 'x', FRAME);
  }
  for (; bytes >= FRAME; bytes -= BATCH * FRAME)
    put(fd, frames,
        (size_t)(bytes >= BATCH * FRAME ? BATCH : bytes / FRAME) *
            (HEADER + FRAME));
  put(fd, "\x88\x02\x03\xe8", 4);
}

static int on_message(void *arg, dt_frames_kind kind, const char *data,
                      size_t n, int final) {
  (void) final;
  return dt_frames_send(*(dt_frames **)arg, kind, data, n);
}

static void echo(int fd) {
  char bytes[65536];
  dt_frames *f = NULL;
  const dt_frames_config config = {
      .is_server = 1, .events = {.on_message = on_message}, .arg = &f};
  f = dt_frames_new(&config);
  for (ssize_t n; (n = recv(fd, bytes, sizeof bytes, 0)) > 0;) {
    size_t left;
    dt_frames_feed(f, bytes, (size_t)n);
    const char *output = dt_frames_output(f, &left);
    put(fd, output, left);
    dt_frames_sent(f, left);
  }
}

static void serve_one(int fd) {
  char head[8192], key[DT_HANDSHAKE_KEY] = "", accept_key[DT_HANDSHAKE_ACCEPT];
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  read_head(fd, head, sizeof head);
  const char *line = strstr(head, "Sec-WebSocket-Key: ");
  if (!line || sscanf(line + 19, "%24s", key) != 1 ||
      dt_handshake_accept(key, accept_key) != 0)
    exit(1);
  char answer[256];
  int n = snprintf(answer, sizeof answer,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                   accept_key);
  put(fd, answer, (size_t)n);
  const char *path = strstr(head, "/stream/");
  if (path && path < strchr(head, '\r'))
    stream(fd, atoll(path + 8));
  else
    echo(fd);
  char rest[256];
  while (recv(fd, rest, sizeof rest, 0) > 0)
    ;
}

static void serve(void) {
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof a;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&a, size) != 0 ||
      listen(listener, 16) != 0 ||
      getsockname(listener, (struct sockaddr *)&a, &size) != 0)
    die("listen");
  signal(SIGCHLD, SIG_IGN);
  printf("%d\n", ntohs(a.sin_port));
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fd >= 0 && fork() == 0) {
      close(listener);
      serve_one(fd);
      exit(0);
    }
    close(fd);
  }
}

static int connect_to(int port, const char *path) {
  char head[8192], key[DT_HANDSHAKE_KEY];
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_port = htons((unsigned short)port),
                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
      dt_handshake_key(key) != 0)
    die("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  int n = snprintf(head, sizeof head,
                   "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: %s\r\n\r\n",
                   path, key);
  put(fd, head, (size_t)n);
  read_head(fd, head, sizeof head);
  return fd;
}

static void read_all(int port, const char *bytes) {
  static char buffer[256 * 1024];
  char path[64];
  snprintf(path, sizeof path, "/stream/%s", bytes);
  double started = now();
  int fd = connect_to(port, path);
  long long frames = atoll(bytes) / FRAME, total = 0;
  long long all = frames * (FRAME + HEADER) + 4;
  for (ssize_t n; total < all; total += n)
    if ((n = recv(fd, buffer, sizeof buffer, 0)) <= 0)
      die("recv");
  printf("%.6f\n", now() - started);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void round_trips(int port, int count) {
  static const char frame[] = "\x82\x81\1\2\3\4y";
  char answer[3];
  double *seconds = malloc((size_t)count * sizeof *seconds);
  int fd = connect_to(port, "/echo");
  for (int i = 0; i < count; i++) {
    double started = now();
    put(fd, frame, sizeof frame - 1);
    if (recv(fd, answer, 3, MSG_WAITALL) != 3)
      die("recv");
    seconds[i] = now() - started;
  }
  qsort(seconds, (size_t)count, sizeof *seconds, compare);
  printf("%.9f\n", seconds[count / 2]);
  free(seconds);
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "serve") == 0)
    serve();
  else if (argc == 4 && strcmp(argv[1], "read") == 0)
    read_all(atoi(argv[2]), argv[3]);
  else if (argc == 4 && strcmp(argv[1], "echo") == 0)
    round_trips(atoi(argv[2]), atoi(argv[3]));
  else
    return 2;
  return 0;
}
