#include "http_internal.h"

#include <string.h>
#include <strings.h>

/* What two servers could read in two ways is refused before anybody reads it:
 * a request that is passed on must mean the same here and there. */

typedef struct look {
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

static enum MHD_Result count(void *arg, enum MHD_ValueKind kind,
                             const char *name, const char *value) {
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
  return MHD_YES;
}

static bool has_blank(const char *text) {
  for (; *text; text++) {
    if ((unsigned char)*text <= ' ' || *text == 0x7f)
      return true;
  }
  return false;
}

/* What makes the request ambiguous, as a message; NULL if nothing does. */
const char *dl_http_ambiguity(dl_http_request *req) {
  look l = {0};
  if (*req->raw_path != '/')
    return "the target of the request is no path";
  if (has_blank(req->raw_path) || has_blank(req->raw_query))
    return "the target of the request has blanks";
  dl_http_each_header(req, count, &l);
  if (l.problem)
    return l.problem;
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
