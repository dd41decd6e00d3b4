/* Where the bytes of a request go: this machine, and the proxy before it. */
#ifndef dt_route_h
#define dt_route_h

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Whether the URL names this machine, so that nobody else sees what goes
 * there: localhost and what ends in .localhost (RFC 6761), 127.0.0.0/8, ::1.
 * Such requests take no proxy. */
bool dt_route_is_loopback(const char *url);

/* What CURLOPT_PROXY is for the URL: "" for none, NULL for what the
 * environment says. */
const char *dt_route_proxy_option(const char *url);

/* What requests to a URL need, as bits that are never all 0. */
enum { DT_WAY_KNOWN = 1, DT_WAY_LOOPBACK = 2, DT_WAY_TLS = 4 };
int dt_route_way(const char *url);

typedef struct dt_proxy {
  const char *variable; /* of the environment, that names it */
  char url[256];        /* without its credentials */
} dt_proxy;

/* The proxy that libcurl takes for the URL by the environment; returns 0 if
 * there is none.  For messages. */
int dt_route_find_proxy(const char *url, dt_proxy *proxy);

#pragma GCC visibility pop
#endif
