#ifndef DL_CONTROL_NETWORK_WAY_H
#define DL_CONTROL_NETWORK_WAY_H

#include "expose.h"

/* The network that sandboxes have. */
typedef enum dl_network {
  DL_NETWORK_OWN,  /* one each, with a way out where there can be one */
  DL_NETWORK_NONE, /* one each, without */
  DL_NETWORK_HOST  /* that of the host */
} dl_network;

/* How sandboxes get out of their network namespaces. */
typedef struct dl_uplink {
  dl_network mode;
  char *stack;              /* path of slirp4netns; NULL: no way out */
  const dl_expose *exposed; /* the server's options', or NULL */
} dl_uplink;

#endif
