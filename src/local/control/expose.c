#include "expose.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

bool dl_expose_read(dl_exposed *out, const char *text) {
  const char *colon = strrchr(text, ':');
  const char *host = text;
  if (!colon)
    return false;
  size_t digits = strspn(colon + 1, "0123456789");
  size_t len = (size_t)(colon - text);
  if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
    host++;
    len -= 2;
  }
  else if (memchr(host, ':', len))
    return false; /* an IPv6 address wants its brackets */
  unsigned long port = strtoul(colon + 1, NULL, 10);
  if (len == 0 || len >= sizeof out->host || digits == 0 ||
      digits >= sizeof out->port || colon[1 + digits] || port == 0 ||
      port > 65535)
    return false;
  memset(out, 0, sizeof *out);
  memcpy(out->host, host, len);
  memcpy(out->port, colon + 1, digits);
  return true;
}

void dl_expose_address(const dl_exposed *service, struct sockaddr_storage *at,
                       socklen_t *len) {
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)at;
  struct sockaddr_in *four = (struct sockaddr_in *)at;
  in_port_t port = htons((in_port_t)strtoul(service->port, NULL, 10));
  memset(at, 0, sizeof *at);
  if (strchr(service->host, ':')) {
    six->sin6_family = AF_INET6;
    six->sin6_addr = in6addr_loopback;
    six->sin6_port = port;
    *len = sizeof *six;
  }
  else {
    four->sin_family = AF_INET;
    four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    four->sin_port = port;
    *len = sizeof *four;
  }
}

static bool same_place(const dl_exposed *one, const char *text) {
  dl_exposed other;
  if (!dl_expose_read(&other, text))
    return false;
  struct sockaddr_storage a;
  socklen_t a_len;
  dl_expose_address(one, &a, &a_len);
  struct sockaddr_storage b;
  socklen_t b_len;
  dl_expose_address(&other, &b, &b_len);
  return a_len == b_len && memcmp(&a, &b, a_len) == 0;
}

const char *dl_expose_add(dl_expose *expose, const char *text) {
  dl_exposed service;
  if (!dl_expose_read(&service, text))
    return "HOST:PORT expected";
  for (size_t i = 0; i < expose->count; i++) {
    if (strcmp(expose->texts[i], text) == 0)
      return NULL;
    if (same_place(&service, expose->texts[i]))
      return "another service has that port in the sandboxes";
  }
  if (expose->count == DL_EXPOSE_MOST)
    return "no more than 64 services can be exposed";
  expose->texts[expose->count] = strdup(text);
  if (!expose->texts[expose->count])
    return strerror(ENOMEM);
  expose->count++;
  return NULL;
}

void dl_expose_free(dl_expose *expose) {
  while (expose->count > 0)
    free(expose->texts[--expose->count]);
}
