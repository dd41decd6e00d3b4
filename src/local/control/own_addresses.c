#include "own_addresses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "uplink.h"

/* The message that adds a route, and the kernel's answer to it. */
typedef struct route_message {
  struct nlmsghdr head;
  struct rtmsg route;
  struct rtattr attribute;
  struct in_addr destination;
} route_message;

typedef struct route_answer {
  struct nlmsghdr head;
  struct nlmsgerr error;
} route_answer;

static int add(dl_own_addresses *own, struct in_addr address) {
  struct in_addr *list =
      realloc(own->list, (own->count + 1) * sizeof *own->list);
  if (!list)
    return -1;
  list[own->count++] = address;
  own->list = list;
  return 0;
}

static int add_interface(dl_own_addresses *own, const struct ifaddrs *at) {
  const struct sockaddr_in *address = (const struct sockaddr_in *)at->ifa_addr;
  if (!address || address->sin_family != AF_INET ||
      ntohl(address->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET)
    return 0;
  if (add(own, address->sin_addr))
    return -1;
  address = (const struct sockaddr_in *)at->ifa_broadaddr;
  if ((at->ifa_flags & IFF_BROADCAST) && address)
    return add(own, address->sin_addr);
  return 0;
}

int dl_own_addresses_find(dl_own_addresses *own) {
  int rc = 0;
  memset(own, 0, sizeof *own);
  struct ifaddrs *all;
  if (getifaddrs(&all))
    return -1;
  struct ifaddrs *at;
  for (at = all; at && rc == 0; at = at->ifa_next)
    rc = add_interface(own, at);
  freeifaddrs(all);
  return rc;
}

/* Makes whatever is sent there end with "permission denied". */
static int refuse(int fd, struct in_addr network, unsigned char bits) {
  route_message message;
  memset(&message, 0, sizeof message);
  message.head.nlmsg_len = sizeof message;
  message.head.nlmsg_type = RTM_NEWROUTE;
  message.head.nlmsg_flags =
      NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE;
  message.route.rtm_family = AF_INET;
  message.route.rtm_dst_len = bits;
  message.route.rtm_table = RT_TABLE_MAIN;
  message.route.rtm_protocol = RTPROT_STATIC;
  message.route.rtm_scope = RT_SCOPE_UNIVERSE;
  message.route.rtm_type = RTN_PROHIBIT;
  message.attribute.rta_type = RTA_DST;
  message.attribute.rta_len = RTA_LENGTH(sizeof network);
  message.destination = network;
  if (send(fd, &message, sizeof message, 0) != (ssize_t)sizeof message)
    return -1;
  route_answer answer;
  ssize_t n;
  while ((n = recv(fd, &answer, sizeof answer, 0)) < 0 && errno == EINTR)
    ;
  if (n < 0)
    return -1;
  errno = n < (ssize_t)sizeof answer || answer.head.nlmsg_type != NLMSG_ERROR
              ? EPROTO
              : -answer.error.error;
  return errno ? -1 : 0;
}

/* The stack's own addresses must stay reachable; behind them is no service. */
static bool is_of_stack(struct in_addr address) {
  return address.s_addr == inet_addr(DL_UPLINK_GATEWAY) ||
         address.s_addr == inet_addr(DL_UPLINK_RESOLVER);
}

int dl_own_addresses_refuse(const dl_own_addresses *own) {
  struct in_addr link = {htonl(0xa9fe0000)};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0)
    return -1;
  int rc = refuse(fd, link, 16);
  for (size_t i = 0; i < own->count && rc == 0; i++) {
    if (!is_of_stack(own->list[i]))
      rc = refuse(fd, own->list[i], 32);
  }
  int saved = errno;
  close(fd);
  errno = saved;
  return rc;
}
