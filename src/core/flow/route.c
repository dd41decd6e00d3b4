#include "route.h"

#include <stdbool.h>
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The host in the URL, without brackets; '*n': how long it is.  NULL: there is
 * none, or what stands there is more than a host and a port. */
static const char *find_host(const char *url, size_t *n) {
  const char *host = strstr(url, "://");
  if (!host)
    return NULL;
  host += 3;
  size_t all = strcspn(host, "/?#");
  if (memchr(host, '@', all) || memchr(host, '\\', all))
    return NULL;
  if (host[0] != '[') {
    *n = strcspn(host, ":/?#");
    return host;
  }
  *n = strcspn(++host, "]/?#");
  return host[*n] == ']' ? host : NULL;
}

static bool is_local_name(const char *host, size_t n) {
  static const char local[] = ".localhost";
  enum { LENGTH = sizeof local - 1 };
  if (strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-._"
                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < n)
    return 0; /* libcurl would decode an escape */
  return (n == LENGTH - 1 && curl_strnequal(host, local + 1, n)) ||
         (n > LENGTH && curl_strnequal(host + n - LENGTH, local, LENGTH));
}

bool dt_route_is_loopback(const char *url) {
  size_t n = 0;
  char text[64];
  struct in6_addr address;
  const char *host = find_host(url, &n);
  if (!host || n == 0 || n >= sizeof text)
    return host && is_local_name(host, n);
  if (host[-1] == '[') {
    memcpy(text, host, n);
    text[n] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1 &&
           (IN6_IS_ADDR_LOOPBACK(&address) ||
            (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127));
  }
  return is_local_name(host, n) ||
         (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == n);
}

const char *dt_route_proxy_option(const char *url) {
  return dt_route_is_loopback(url) ? "" : NULL;
}

int dt_route_way(const char *url) {
  return DT_WAY_KNOWN | (dt_route_is_loopback(url) ? DT_WAY_LOOPBACK : 0) |
         (curl_strnequal(url, "https:", 6) ? DT_WAY_TLS : 0);
}

/* Whether a list as in no_proxy holds the host: names, which also stand for
 * what ends in them, or addresses; "*" holds all. */
static bool is_listed(const char *list, const char *host, size_t n) {
  for (;;) {
    list += strspn(list, ", \t");
    size_t length = strcspn(list, ", \t");
    const char *name = list;
    if (length == 0)
      return 0;
    list += length;
    if (length == 1 && name[0] == '*')
      return 1;
    while (length > 0 && name[0] == '.') {
      name++;
      length--;
    }
    if (length == 0 || length > n ||
        !curl_strnequal(host + n - length, name, length))
      continue;
    if (length == n || host[n - length - 1] == '.')
      return 1;
  }
}

static const char *environment(const char *const *names, const char **found) {
  for (; *names; names++) {
    const char *value = getenv(*names);
    if (value && value[0]) {
      *found = *names;
      return value;
    }
  }
  return NULL;
}

int dt_route_find_proxy(const char *url, dt_proxy *proxy) {
  static const char *const plain[] = {"http_proxy", "all_proxy", "ALL_PROXY",
                                      NULL};
  static const char *const secure[] = {"https_proxy", "HTTPS_PROXY",
                                       "all_proxy", "ALL_PROXY", NULL};
  static const char *const none[] = {"no_proxy", "NO_PROXY", NULL};
  size_t n = 0;
  const char *ignored;
  const char *host = find_host(url, &n);
  if (!host || dt_route_is_loopback(url))
    return 0;
  const char *list = environment(none, &ignored);
  if (list && is_listed(list, host, n))
    return 0;
  const char *value = environment(
      curl_strnequal(url, "https:", 6) ? secure : plain, &proxy->variable);
  if (!value)
    return 0;
  const char *scheme = strstr(value, "://");
  const char *rest = scheme ? scheme + 3 : value;
  const char *at = strrchr(rest, '@');
  snprintf(proxy->url, sizeof proxy->url, "%.*s%s",
           scheme ? (int)(scheme + 3 - value) : 0, value, at ? at + 1 : rest);
  return 1;
}
