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
  s->previous = NULL;
  s->next = d->sockets;
  if (d->sockets)
    d->sockets->previous = s;
  d->sockets = s;
  d->socket_count++;
  return 0;
}

void dt_sockets_remove(dt_socket *s) {
  dt_driver *d = s->driver;
  if (!d)
    return;
  *(s->previous ? &s->previous->next : &d->sockets) = s->next;
  if (s->next)
    s->next->previous = s->previous;
  s->next = s->previous = NULL;
  s->driver = NULL;
  d->socket_count--;
}

void dt_sockets_move(dt_driver *d) {
  for (dt_socket *s = d->sockets, *next; s; s = next) {
    next = s->next;
    s->move(s);
  }
}

unsigned dt_sockets_wait_for(dt_driver *d, double *seconds) {
  unsigned count = 0;
  for (dt_socket *s = d->sockets; s; s = s->next)
    count += s->wait_for(s, d->fds + count, seconds);
  return count;
}

void dt_sockets_close(dt_driver *d) {
  for (dt_socket *s = d->sockets, *next; s; s = next) {
    next = s->next;
    if (s->closed)
      s->closed(s);
  }
}
