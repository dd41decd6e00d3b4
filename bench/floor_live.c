/* The floor of what lives on in a sandbox: a socket, and the request of a
 * WebSocket from a file.
 * usage: floor_live PORT REQUEST_FILE         receives until the server closes;
 *                                             prints the seconds and the bytes
 *        floor_live PORT REQUEST_FILE COUNT   types a key so many times; prints
 *                                             the median seconds until it shows
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static unsigned char bytes[256 * 1024];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

static size_t receive(int fd) {
  ssize_t n = recv(fd, bytes, sizeof bytes, 0);
  if (n <= 0)
    die("the connection has ended");
  return (size_t)n;
}

static int open_socket(const char *port) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
    die("connect");
  return fd;
}

static void ask(int fd, const char *path) {
  FILE *file = fopen(path, "rb");
  size_t n = file ? fread(bytes, 1, sizeof bytes, file) : 0;
  if (!file || fclose(file) != 0 || send(fd, bytes, n, 0) != (ssize_t)n)
    die(path);
}

static void read_all(int fd, double started) {
  long long total = 0;
  size_t n;
  do { /* until a close frame ends it */
    n = receive(fd);
    total += (long long)n;
  } while (n < 4 || bytes[n - 4] != 0x88 || bytes[n - 3] != 2);
  printf("%.6f %lld\n", now() - started, total);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void type_keys(int fd, int count) {
  static const unsigned char key[] = {0x82, 0x81, 0, 0, 0, 0, 'x'};
  double *seconds = calloc((size_t)count, sizeof *seconds);
  if (!seconds)
    die("calloc");
  size_t n = receive(fd); /* the handshake, then that it is connected */
  while (!memmem(bytes, n, "connected", 9))
    n = receive(fd);
  for (int i = 0; i < count; i++) {
    double started = now();
    if (send(fd, key, sizeof key, 0) != sizeof key)
      die("send");
    receive(fd);
    seconds[i] = now() - started;
  }
  qsort(seconds, (size_t)count, sizeof *seconds, compare);
  printf("%.9f\n", seconds[count / 2]);
  free(seconds);
}

int main(int argc, char **argv) {
  if (argc < 3)
    die("usage: floor_live PORT REQUEST_FILE [COUNT]");
  double started = now();
  int fd = open_socket(argv[1]);
  ask(fd, argv[2]);
  if (argc > 3)
    type_keys(fd, atoi(argv[3]));
  else
    read_all(fd, started);
  return 0;
}
