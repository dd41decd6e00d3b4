/* Connections that somebody drives without the driver's CURLM, moved and
 * polled together with its transfers. */
#ifndef dt_sockets_h
#define dt_sockets_h

#include "driver_state.h"

#pragma GCC visibility push(hidden)

enum { DT_SOCKET_FDS = 8 }; /* descriptors that one of them may wait for */

struct dt_socket {
  /* Does what can be done at once; may take the socket out of the driver. */
  void (*move)(dt_socket *s);
  /* Writes what it waits for, at most DT_SOCKET_FDS; returns how many.  Makes
   * '*seconds' less if it has to move before that in any case. */
  unsigned (*wait_for)(const dt_socket *s, struct curl_waitfd *fds,
                       double *seconds);
  /* The driver is closed; NULL: whoever owns it sees to that. */
  void (*closed)(dt_socket *s);
  dt_driver *driver; /* NULL when not in one */
  dt_list_node list;
};

/* Puts it into the driver.  Returns 0, or -1 without memory. */
int dt_sockets_add(dt_driver *d, dt_socket *s);

/* Takes it out; harmless where it is in none. */
void dt_sockets_remove(dt_socket *s);

void dt_sockets_move(dt_driver *d);

/* Fills 'd->fds'; returns how many, and makes '*seconds' less where needed. */
unsigned dt_sockets_wait_for(dt_driver *d, double *seconds);

/* Tells those that want to know that the driver is closed. */
void dt_sockets_close(dt_driver *d);

/* Seconds of a clock that only goes forward. */
double dt_sockets_now(void);

/* Makes '*seconds' less if something is to happen 'at' a time before that. */
static inline void dt_sockets_sooner(double *seconds, double at, double now) {
  double left = at > now ? at - now : 0;
  *seconds = left < *seconds ? left : *seconds;
}

#pragma GCC visibility pop
#endif
