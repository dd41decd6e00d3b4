#include "internal.h"

#include <string.h>
#include <strings.h>

/* What two servers could read in two ways is refused before anybody reads it:
 * a request that is passed on must mean the same here and there.
 *
 * A bare LF, a NUL, a line that goes on in the next one: libmicrohttpd 0.9.75
 * forgets what it has read of these. It parses a head where it has received it,
 * though, and puts a NUL in the place of each colon and each byte of a line
 * break; so names and values must follow one another with exactly two NULs
 * between the lines. From 1.0 on it is strict itself. */
static bool parses_in_place(void) {
  return strcmp(MHD_get_version(), "0.9.75") == 0;
}

typedef struct look {
  const char *at; /* where the next line must begin; NULL: it is not known */
  unsigned hosts, lengths, encodings, authorizations;
  const char *encoding;
  const char *problem;
} look;

/* Whether the text has only characters of a header's name. */
static bool is_token(const char *text) {
  static const char marks[] = "!#$%&'*+-.^_`|~";
  const char *p;
  for (p = text; *p; p++) {
    bool plain = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
                 (*p >= 'A' && *p <= 'Z');
    if (!plain && !strchr(marks, *p))
      return false;
  }
  return p > text;
}

/* Where the line ends, NULL if it is none. */
static const char *line_end(const char *name, size_t name_len,
                            const char *value, size_t len) {
  const char *p = name + name_len + 1;
  p += strspn(p, " \t");
  if (p != value || value[len] || value[len + 1])
    return NULL;
  return value + len + 2;
}

static void follow(look *l, const char *name, size_t name_len,
                   const char *value, size_t len) {
  if (!l->at || l->problem)
    return;
  l->at = value && name == l->at ? line_end(name, name_len, value, len) : NULL;
  if (!l->at)
    l->problem = "a header is no proper line";
}

static enum MHD_Result count(void *arg, enum MHD_ValueKind kind,
                             const char *name, size_t name_len,
                             const char *value, size_t len) {
  look *l = arg;
  (void)kind;
  l->hosts += strcasecmp(name, "Host") == 0;
  l->lengths += strcasecmp(name, "Content-Length") == 0;
  l->authorizations += strcasecmp(name, "Authorization") == 0;
  if (strcasecmp(name, "Transfer-Encoding") == 0) {
    l->encodings++;
    l->encoding = value ? value : "";
  }
  if (strcasecmp(name, "Host") == 0 && value && strpbrk(value, " \t/\\?#@,"))
    l->problem = "Host is no host";
  if (!is_token(name))
    l->problem = "a header has no proper name";
  else if (value && strpbrk(value, "\r\n"))
    l->problem = "a header's value has a line break";
  follow(l, name, name_len, value, len);
  return MHD_YES;
}

static bool has_blank(const char *text) {
  for (; *text; text++) {
    if ((unsigned char)*text <= ' ' || *text == 0x7f)
      return true;
  }
  return false;
}

/* Where the headers begin, NULL if that is not known. */
static const char *first_line(dl_http_request *req, look *l) {
  size_t len = strlen(req->version);
  if (!parses_in_place())
    return NULL;
  if (len == 0 || req->version[len + 1] != '\0')
    l->problem = "the first line is no proper one";
  return req->version + len + 2;
}

/* Whether the head goes on behind the last header but for an empty line. */
static bool has_rest(const dl_http_request *req, const look *l) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(
      req->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  return l->at && info && l->at + 2 != req->method + info->header_size;
}

const char *dl_http_ambiguity(dl_http_request *req) {
  look l = {0};
  if (*req->raw_path != '/')
    return "the target of the request is no path";
  if (has_blank(req->raw_path) || has_blank(req->raw_query))
    return "the target of the request has blanks";
  l.at = first_line(req, &l);
  if (!l.problem)
    MHD_get_connection_values_n(req->connection, MHD_HEADER_KIND, count, &l);
  if (l.problem)
    return l.problem;
  if (has_rest(req, &l))
    return "the head has no proper end";
  if (l.hosts == 0 && strcmp(req->version, "HTTP/1.0") != 0)
    return "no Host";
  if (l.hosts > 1)
    return "more than one Host";
  if (l.authorizations > 1)
    return "more than one Authorization";
  if (l.lengths + l.encodings > 1)
    return "more than one length of the body";
  if (l.encoding && strcasecmp(l.encoding, "chunked") != 0)
    return "Transfer-Encoding: only chunked is known";
  return NULL;
}
