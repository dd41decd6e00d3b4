#include "sockets.h"

#include <stdlib.h>
#include <time.h>

double dt_sockets_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Memory for the poll is taken here, where its lack can be reported. */
static int reserve(dt_driver *d, size_t sockets) {
  if (sockets <= d->socket_room)
    return 1;
  size_t room = 2 * sockets;
  struct curl_waitfd *fds = realloc(d->fds, room * DT_SOCKET_FDS * sizeof *fds);
  if (!fds)
    return 0;
  d->fds = fds;
  d->socket_room = room;
  return 1;
}

int dt_sockets_add(dt_driver *d, dt_socket *s) {
  if (!reserve(d, d->socket_count + 1))
    return -1;
  s->driver = d;
  dt_list_prepend(&d->sockets, &s->list);
  d->socket_count++;
  return 0;
}

void dt_sockets_remove(dt_socket *s) {
  dt_driver *d = s->driver;
  if (!d)
    return;
  dt_list_remove(&d->sockets, &s->list);
  s->driver = NULL;
  d->socket_count--;
}

static dt_socket *first(const dt_driver *d) {
  return DT_LIST_FIRST(dt_socket, list, &d->sockets);
}

void dt_sockets_move(dt_driver *d) {
  for (dt_socket *s = first(d), *next; s; s = next) {
    next = DT_LIST_NEXT(dt_socket, list, s);
    s->move(s);
  }
}

unsigned dt_sockets_wait_for(dt_driver *d, double *seconds) {
  unsigned count = 0;
  DT_LIST_EACH (dt_socket, list, s, &d->sockets)
    count += s->wait_for(s, d->fds + count, seconds);
  return count;
}

void dt_sockets_close(dt_driver *d) {
  for (dt_socket *s = first(d), *next; s; s = next) {
    next = DT_LIST_NEXT(dt_socket, list, s);
    if (s->closed)
      s->closed(s);
  }
}
