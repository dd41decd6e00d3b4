#ifndef DL_CONTROL_EXPOSE_H
#define DL_CONTROL_EXPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define DL_EXPOSE_MOST 64 /* services */

/* One service of the host, as --expose names it. */
typedef struct dl_exposed {
  char host[256];
  char port[8];
} dl_exposed;

/* The services that sandboxes reach; the texts are owned. */
typedef struct dl_expose {
  char *texts[DL_EXPOSE_MOST]; /* HOST:PORT each */
  size_t count;
} dl_expose;

#pragma GCC visibility push(hidden)

/* Adds one. NULL, or what is wrong with it. */
const char *dl_expose_add(dl_expose *expose, const char *text);

/* Frees the texts. */
void dl_expose_free(dl_expose *expose);

/* Reads "HOST:PORT" or "[HOST]:PORT"; false if it is none. */
bool dl_expose_read(dl_exposed *out, const char *text);

/* Where it listens inside: on the loopback, by IPv6 if it is named so. */
void dl_expose_address(const dl_exposed *service, struct sockaddr_storage *at,
                       socklen_t *len);

/* expose_relay.c */
int dl_expose_listen(const dl_exposed *service);

/* Takes a connection, if one has come, and relays it to that service by a
 * thread of its own. */
void dl_expose_accept(int listener, const dl_exposed *service);

#pragma GCC visibility pop

#endif
