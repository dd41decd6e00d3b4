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

int dl_own_addresses_find(dl_own_addresses *own);
int dl_own_addresses_refuse(const dl_own_addresses *own);

#pragma GCC visibility pop

#endif
