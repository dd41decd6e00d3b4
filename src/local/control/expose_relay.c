#include "expose.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "thread.h"
#include "ways.h"

#define MOST_CONNECTIONS 256 /* of a sandbox; one more ends at once */
#define BREATH_MS 50         /* without a descriptor to spare */
#define STACK ((size_t)256 << 10)

typedef struct passage {
  int inside;
  dl_exposed service;
  dl_ways ways;
} passage;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned connections;

/* A listening socket in this process's network namespace, whose loopback need
 * not be up yet. -1 with errno. */
int dl_expose_listen(const dl_exposed *service) {
  struct sockaddr_storage at;
  socklen_t len;
  int one = 1, saved, fd;
  dl_expose_address(service, &at, &len);
  fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;
  if ((at.ss_family == AF_INET
           ? setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof one)
           : setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof one)) ==
          0 &&
      bind(fd, (struct sockaddr *)&at, len) == 0 && listen(fd, SOMAXCONN) == 0)
    return fd;
  saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

static int reach(const dl_exposed *service) {
  struct addrinfo wanted, *found = NULL, *at;
  int fd = -1;
  memset(&wanted, 0, sizeof wanted);
  wanted.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(service->host, service->port, &wanted, &found))
    return -1;
  for (at = found; at && fd < 0; at = at->ai_next) {
    fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen)) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(found);
  return fd;
}

static bool count(int change) {
  pthread_mutex_lock(&lock);
  bool room = change < 0 || connections < MOST_CONNECTIONS;
  if (room)
    connections += (unsigned)change;
  pthread_mutex_unlock(&lock);
  return room;
}

/* A service that does not answer shows as a reset: what is inside cannot be
 * refused once it was accepted. */
static void reset(int fd) {
  struct linger none = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  close(fd);
}

static void *run(void *arg) {
  passage *p = arg;
  int outside = reach(&p->service);
  if (outside < 0)
    reset(p->inside);
  else {
    dl_ways_join(&p->ways, p->inside, outside);
    dl_ways_carry(&p->ways);
    close(p->inside);
    close(outside);
  }
  free(p);
  count(-1);
  return NULL;
}

void dl_expose_accept(int listener, const dl_exposed *service) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE)
      poll(NULL, 0, BREATH_MS);
    return;
  }
  if (!count(1)) {
    reset(fd);
    return;
  }
  passage *p;
  p = calloc(1, sizeof *p);
  if (p) {
    p->inside = fd;
    p->service = *service;
    if (dl_thread_start(run, p, STACK) == 0)
      return;
  }
  free(p);
  count(-1);
  reset(fd);
}
