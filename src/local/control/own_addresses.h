#ifndef DL_CONTROL_OWN_ADDRESSES_H
#define DL_CONTROL_OWN_ADDRESSES_H

#include <netinet/in.h>
#include <stddef.h>

/* IPv4 addresses at which this machine itself answers. */
typedef struct dl_own_addresses {
  struct in_addr *list;
  size_t count;
} dl_own_addresses;

#pragma GCC visibility push(hidden)

/* Finds them, those of broadcasts too. 0, or -1 with errno; free(own->list) in
 * any case. */
int dl_own_addresses_find(dl_own_addresses *own);

/* Makes the network namespace of this process, which needs the rights over it,
 * refuse to send to these addresses, and to all of the link (169.254.0.0/16),
 * where clouds tell their machines secrets. 0, or -1 with errno. */
int dl_own_addresses_refuse(const dl_own_addresses *own);

#pragma GCC visibility pop

#endif
