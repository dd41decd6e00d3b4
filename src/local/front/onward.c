#include "onward.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lend.h"
#include "credentials.h"

bool dl_onward_drops(void *arg, const char *header, const char *value) {
  static const char *const ours[] = {DL_CREDENTIALS_HEADER,
                                     "X-Daytona-Skip-Last-Activity-Update",
                                     "X-Daytona-Disable-CORS",
                                     DL_LEND_HEADER,
                                     "Cookie",
                                     "Origin",
                                     "Referer",
                                     "X-Forwarded-For",
                                     "X-Forwarded-Host"};
  const dl_visit *visit = arg;
  size_t i;
  for (i = 0; i < sizeof ours / sizeof *ours; i++) {
    if (strcasecmp(header, ours[i]) == 0)
      return true;
  }
  if (strcasecmp(header, "Authorization") == 0 &&
      visit->port == DL_VISIT_TOOLBOX)
    return true;
  return value && dl_credentials_has_key(dl_http_context(visit->req), value);
}

/* Whether a parameter has the name, by itself or as that of a list, however it
 * is encoded: 1, 0, or -1 without memory. */
static bool is_ours(const char *parameter, size_t len) {
  const char *equals = memchr(parameter, '=', len);
  char *name = dl_http_decode(
      parameter, equals ? (size_t)(equals - parameter) : len, true);
  int ours = !name ? -1
                   : strcmp(name, DL_CREDENTIALS_QUERY) == 0 ||
                         strcmp(name, DL_CREDENTIALS_QUERY "[]") == 0;
  free(name);
  return ours;
}

int dl_onward_add_query(dl_strbuf *out, const char *query) {
  bool first = true;
  for (;;) {
    size_t len = strcspn(query, "&");
    int ours = is_ours(query, len);
    if (ours < 0)
      out->failed = true;
    if (ours == 0) {
      if (!first)
        dl_strbuf_addc(out, '&');
      dl_strbuf_add(out, query, len);
      first = false;
    }
    if (!query[len])
      return out->failed ? -1 : 0;
    query += len + 1;
  }
}

/* Adds `len` bytes of a text that may name the host. That of a signed preview
 * has in its name what opens it: it becomes the one of the sandbox. */
static void add_host(dl_strbuf *out, const dl_visit *visit, const char *text,
                     size_t len) {
  const char *host = dl_http_header(visit->req, "Host");
  size_t label = visit->by_token && host ? strcspn(host, ".:") : 0;
  while (len > 0) {
    if (label > 0 && len >= label && strncasecmp(text, host, label) == 0) {
      dl_strbuf_addf(out, "%u-%s", visit->port, visit->id);
      text += label;
      len -= label;
    }
    else {
      dl_strbuf_addc(out, *text++);
      len--;
    }
  }
}

char *dl_onward_host(const dl_visit *visit) {
  const char *host = dl_http_header(visit->req, "Host");
  dl_strbuf out = {0};
  if (!host)
    host = "localhost";
  dl_strbuf_reserve(&out, strlen(host));
  add_host(&out, visit, host, strlen(host));
  return dl_strbuf_detach(&out);
}

/* Adds a URL, whose query may have our credential. */
static void add_url(dl_strbuf *out, const dl_visit *visit, const char *url) {
  size_t len = strcspn(url, "?"), before;
  add_host(out, visit, url, len);
  if (!url[len])
    return;
  before = out->len;
  dl_strbuf_addc(out, '?');
  dl_onward_add_query(out, url + len + 1);
  if (!out->failed && out->len == before + 1)
    out->data[--out->len] = '\0';
}

static void add_cookies(dl_strbuf *out, const char *value) {
  static const char ours[] = DL_CREDENTIALS_COOKIE;
  const char *cookie;
  size_t len;
  bool first = true;
  while (dl_credentials_next_cookie(&value, &cookie, &len)) {
    if (len >= sizeof ours - 1 && strncmp(cookie, ours, sizeof ours - 1) == 0)
      continue;
    dl_strbuf_adds(out, first ? "Cookie: " : "; ");
    dl_strbuf_add(out, cookie, len);
    first = false;
  }
  if (!first)
    dl_strbuf_adds(out, "\r\n");
}

typedef struct rewriting {
  const dl_visit *visit;
  dl_strbuf *out;
  dl_strbuf senders; /* of X-Forwarded-For */
} rewriting;

static enum MHD_Result rewrite(void *arg, enum MHD_ValueKind kind,
                               const char *name, const char *value) {
  rewriting *r = arg;
  (void)kind;
  if (!value || dl_credentials_has_key(dl_http_context(r->visit->req), value))
    return MHD_YES;
  if (strcasecmp(name, "Cookie") == 0)
    add_cookies(r->out, value);
  else if (strcasecmp(name, "Referer") == 0) {
    dl_strbuf_adds(r->out, "Referer: ");
    add_url(r->out, r->visit, value);
    dl_strbuf_adds(r->out, "\r\n");
  }
  else if (strcasecmp(name, "Origin") == 0 ||
           strcasecmp(name, "X-Forwarded-Host") == 0) {
    dl_strbuf_addf(r->out, "%s: ", name);
    add_host(r->out, r->visit, value, strlen(value));
    dl_strbuf_adds(r->out, "\r\n");
  }
  else if (strcasecmp(name, "X-Forwarded-For") == 0)
    dl_strbuf_addf(&r->senders, "%s, ", value);
  return MHD_YES;
}

int dl_onward_add_headers(dl_strbuf *out, const dl_visit *visit) {
  dl_http_request *req = visit->req;
  const char *host = dl_http_header(req, "Host");
  rewriting r = {.visit = visit, .out = out};
  dl_http_each_header(req, rewrite, &r);
  char peer[DL_HTTP_PEER];
  if (dl_http_peer(req, peer) == 0)
    dl_strbuf_addf(out, "X-Forwarded-For: %s%s\r\n",
                   r.senders.data ? r.senders.data : "", peer);
  if (host && !dl_http_header(req, "X-Forwarded-Host")) {
    dl_strbuf_adds(out, "X-Forwarded-Host: ");
    add_host(out, visit, host, strlen(host));
    dl_strbuf_adds(out, "\r\n");
  }
  if (!dl_http_header(req, "X-Forwarded-Proto"))
    dl_strbuf_adds(out, "X-Forwarded-Proto: http\r\n");
  if (r.senders.failed)
    out->failed = true;
  dl_strbuf_free(&r.senders);
  return out->failed ? -1 : 0;
}
