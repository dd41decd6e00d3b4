#include "credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "websocket/websocket.h"
#include "wire/base64.h"

#define COOKIE_SECONDS 3600

/* The port of which the official SDK, where it runs in a browser, gets a token
 * for the toolbox's WebSockets. */
#define SDK_PORT 1

/* Takes the next one off the value of a Cookie header. False at its end. */
bool dl_credentials_next_cookie(const char **list, const char **cookie,
                                size_t *len) {
  const char *p = *list ? *list + strspn(*list, " \t;") : "";
  *len = strcspn(p, ";");
  *list = p + *len;
  *cookie = p;
  while (*len > 0 && (p[*len - 1] == ' ' || p[*len - 1] == '\t'))
    --*len;
  return *len > 0;
}

static bool is_digest_of_key(const dl_plane *plane, const char *text,
                             size_t len) {
  char digest[DL_CRYPTO_SHA256_HEX];
  return len > 0 && dl_crypto_sha256_hex(text, len, digest) == 0 &&
         dl_crypto_equal(digest, plane->key_sha256);
}

/* Whether it is the API key (which itself is never compared, only digests of
 * one length), with or without blanks behind it. */
bool dl_credentials_is_key(const dl_plane *plane, const char *token) {
  size_t len = token ? strlen(token) : 0;
  while (len > 0 && (token[len - 1] == ' ' || token[len - 1] == '\t'))
    len--;
  return is_digest_of_key(plane, token, len);
}

static bool has_word(const dl_plane *plane, const char *text) {
  static const char between[] = " \t,;=:\"'";
  while (*(text += strspn(text, between))) {
    size_t len = strcspn(text, between);
    if (is_digest_of_key(plane, text, len))
      return true;
    text += len;
  }
  return false;
}

/* Whether a header's value has the API key for a word, in whatever form it is
 * shown: whoever shows it to an application by mistake, or has a program in
 * front that copies it into a header of its own, shall not give it away. */
bool dl_credentials_has_key(const dl_plane *plane, const char *value) {
  static const char basic[] = "Basic ";
  size_t len = 0;
  if (strncasecmp(value, basic, sizeof basic - 1) == 0) {
    const char *text = value + sizeof basic - 1;
    size_t size = strlen(text);
    char *pair = malloc(dt_base64_decoded_size(size) + 1);
    bool has = !pair;
    if (pair && dt_base64_decode(text, size, false, pair, &len)) {
      pair[len] = '\0';
      has = has_word(plane, pair);
    }
    free(pair);
    if (has)
      return true;
  }
  return has_word(plane, value) ||
         is_digest_of_key(plane, value, strlen(value));
}

/* The token that opens this port of this sandbox and nothing else. It follows
 * from the sandbox's secret, which stands last, so that nobody can make a
 * longer text's digest of a token. 0, or -1. */
int dl_credentials_preview(const dl_sandbox *sb, unsigned port,
                           char token[DL_CREDENTIALS_PREVIEW]) {
  char digest[DL_CRYPTO_SHA256_HEX];
  dl_strbuf text = {0};
  int rc = -1;
  if (!sb->preview_token || !*sb->preview_token)
    return -1;
  dl_strbuf_addf(&text, "%u:%s:%s", port, sb->id, sb->preview_token);
  if (!text.failed)
    rc = dl_crypto_sha256_hex(text.data, text.len, digest);
  dl_strbuf_free(&text);
  if (rc == 0)
    snprintf(token, DL_CREDENTIALS_PREVIEW, "%.*s", DL_CREDENTIALS_PREVIEW - 1,
             digest);
  return rc;
}

static bool is_token(const dl_sandbox *sb, unsigned port, const char *shown) {
  char token[DL_CREDENTIALS_PREVIEW];
  return dl_credentials_preview(sb, port, token) == 0 &&
         dl_crypto_equal(shown, token);
}

/* Whether that token opens what the visit is for. By the path of the toolbox,
 * the toolbox's own opens all that lies behind it, and the one that the SDK has
 * instead the WebSockets. */
static bool opens(const dl_sandbox *sb, const dl_visit *visit,
                  const char *shown) {
  if (is_token(sb, visit->port, shown))
    return true;
  return !visit->by_host &&
         (is_token(sb, DL_VISIT_TOOLBOX, shown) ||
          (dl_websocket_wanted(visit->req) && is_token(sb, SDK_PORT, shown)));
}

static bool has_query_token(const dl_sandbox *sb, const dl_visit *visit) {
  const char *shown;
  size_t i;
  for (i = 0; (shown = dl_http_query_at(visit->req, DL_CREDENTIALS_QUERY, i));
       i++) {
    if (opens(sb, visit, shown))
      return true;
  }
  return false;
}

typedef struct search {
  const dl_sandbox *sb;
  const dl_visit *visit;
  bool found;
} search;

/* Whether a cookie of one header opens. Only of the name that was given out:
 * what others are is none of ours. */
static enum MHD_Result look(void *arg, enum MHD_ValueKind kind,
                            const char *name, const char *value) {
  search *s = arg;
  const char *cookie;
  size_t len, prefix = strlen(DL_CREDENTIALS_COOKIE), id = strlen(s->sb->id);
  (void)kind;
  if (strcasecmp(name, "Cookie") != 0)
    return MHD_YES;
  while (!s->found && dl_credentials_next_cookie(&value, &cookie, &len)) {
    char shown[DL_CREDENTIALS_PREVIEW];
    if (len != prefix + id + 1 + sizeof shown - 1 ||
        strncmp(cookie, DL_CREDENTIALS_COOKIE, prefix) != 0 ||
        strncmp(cookie + prefix, s->sb->id, id) != 0 ||
        cookie[prefix + id] != '=')
      continue;
    memcpy(shown, cookie + prefix + id + 1, sizeof shown - 1);
    shown[sizeof shown - 1] = '\0';
    s->found = opens(s->sb, s->visit, shown);
  }
  return s->found ? MHD_NO : MHD_YES;
}

static bool has_cookie(const dl_sandbox *sb, const dl_visit *visit) {
  search s = {sb, visit, false};
  if (visit->by_host)
    dl_http_each_header(visit->req, look, &s);
  return s.found;
}

/* Ports whose applications are never public: the toolbox, its terminal and its
 * recordings. */
static bool is_private(unsigned port) {
  return port == DL_VISIT_TOOLBOX || port == 22222 || port == 33333;
}

/* Whether the visitor may come in: by the API key, by a token in the header,
 * the query or a cookie, or because the sandbox is public. Sets
 * visit->by_key and by_query. */
bool dl_credentials_open(const dl_plane *plane, const dl_sandbox *sb,
                         dl_visit *visit) {
  const char *shown = dl_http_header(visit->req, DL_CREDENTIALS_HEADER);
  visit->by_key = dl_credentials_is_key(plane, dl_http_bearer(visit->req));
  if (visit->by_key)
    return true;
  if (!sb->id)
    return false;
  if (shown && opens(sb, visit, shown))
    return true;
  visit->by_query = has_query_token(sb, visit);
  return visit->by_query || has_cookie(sb, visit) ||
         (visit->by_host && sb->is_public && !is_private(visit->port));
}

/* Lets the browser show the token of the query again by itself, for this port
 * alone: it is the token that the host's other requests need, too. */
void dl_credentials_remember(const dl_sandbox *sb, const dl_visit *visit) {
  const char *scheme = dl_http_header(visit->req, "X-Forwarded-Proto");
  char token[DL_CREDENTIALS_PREVIEW];
  dl_strbuf cookie = {0};
  if (dl_credentials_preview(sb, visit->port, token))
    return;
  dl_strbuf_addf(&cookie,
                 DL_CREDENTIALS_COOKIE
                 "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s",
                 sb->id, token, COOKIE_SECONDS,
                 scheme && strcmp(scheme, "https") == 0 ? "; Secure" : "");
  if (!cookie.failed)
    dl_http_add_header(visit->req, "Set-Cookie", cookie.data);
  dl_strbuf_free(&cookie);
}
