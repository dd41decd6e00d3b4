#include "preview.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

#define LOCAL "localhost"

static bool is_address(const char *host) {
  unsigned char at[sizeof(struct in6_addr)];
  return inet_pton(AF_INET, host, at) == 1 ||
         inet_pton(AF_INET6, host, at) == 1;
}

static bool is_loopback(const char *host) {
  return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

/* The name below which previews have theirs: that by which clients reach this
 * machine. An address has no names below it, but whoever uses a loopback
 * address has localhost. NULL where there is none. */
static const char *domain(const dl_plane *plane) {
  const char *host = plane->options->advertise;
  if (!is_address(host))
    return host;
  return is_loopback(host) ? LOCAL : NULL;
}

/* Whether the rest of a host name, of that length, is the domain. */
static bool is_domain(const char *text, size_t len, const char *name) {
  return name && strlen(name) == len && strncasecmp(text, name, len) == 0;
}

/* The length of a host name without its port and the dot that may end it. */
static size_t name_length(const char *host) {
  size_t len = strcspn(host, ":");
  return len > 0 && host[len - 1] == '.' ? len - 1 : len;
}

/* Reads the label {port}-{rest}. False for any other one, which is that of an
 * ordinary host. What is too long for a name of ours becomes an empty one. */
static bool read_label(const char *label, size_t len, dl_preview *named) {
  size_t digits = strspn(label, "0123456789"), rest, i;
  if (digits == 0 || digits >= len || label[digits] != '-')
    return false;
  named->port = 0;
  if (digits <= 5 && *label != '0')
    named->port = (unsigned)strtoul(label, NULL, 10);
  if (named->port > 65535)
    named->port = 0;
  rest = len - digits - 1;
  if (rest >= DL_PREVIEW_REST)
    rest = 0;
  for (i = 0; i < rest; i++)
    named->rest[i] = (char)tolower((unsigned char)label[digits + 1 + i]);
  named->rest[rest] = '\0';
  return true;
}

bool dl_preview_parse(const dl_plane *plane, const char *host,
                      dl_preview *named) {
  const char *dot = host ? strchr(host, '.') : NULL;
  size_t len = host ? name_length(host) : 0, label;
  if (!dot || len <= (label = (size_t)(dot - host)))
    return false;
  return (is_domain(dot + 1, len - label - 1, LOCAL) ||
          is_domain(dot + 1, len - label - 1, domain(plane))) &&
         read_label(host, label, named);
}

char *dl_preview_url(const dl_plane *plane, const char *port,
                     const char *rest) {
  const char *below = domain(plane), *own = strrchr(plane->url, ':');
  dl_strbuf url = {0};
  if (!below)
    return NULL;
  dl_strbuf_addf(&url, "http://%s-%s.%s%s", port, rest, below, own ? own : "");
  return dl_strbuf_detach(&url);
}

/* What follows the application's own origin in a URL, NULL if that is another
 * one. */
static const char *after_origin(const char *url, unsigned port) {
  static const char *const hosts[] = {LOCAL, "127.0.0.1"};
  char own[64];
  size_t i;
  for (i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    int n = snprintf(own, sizeof own, "http://%s:%u", hosts[i], port);
    if (strncasecmp(url, own, (size_t)n) == 0 &&
        !isdigit((unsigned char)url[n]))
      return url + n;
  }
  return NULL;
}

bool dl_preview_moves(const dl_plane *plane, const dl_http_request *req,
                      const char *place, dl_strbuf *out) {
  const char *host = dl_http_header(req, "Host"), *rest;
  const char *scheme = dl_http_header(req, "X-Forwarded-Proto");
  dl_preview named;
  if (!dl_preview_parse(plane, host, &named) ||
      !(rest = after_origin(place, named.port)))
    return false;
  dl_strbuf_addf(out, "%s://%s%s",
                 scheme && strcmp(scheme, "https") == 0 ? scheme : "http", host,
                 rest);
  return !out->failed;
}
