#include "as.h"
#include "clock.h"
#include "daemon.h"
#include "strbuf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What the published list of codes has for a status; NULL where it has nothing,
 * for some clients read no answer whose code they do not know. */
static const char *generic_code(unsigned status) {
  switch (status) {
    case 400:
      return "BAD_REQUEST";
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 408:
      return "REQUEST_TIMEOUT";
    case 409:
      return "CONFLICT";
    case 410:
      return "GONE";
    case 422:
      return "UNPROCESSABLE_ENTITY";
    case 500:
      return "INTERNAL_SERVER_ERROR";
    default:
      return NULL;
  }
}

static json_t *clean_string(const char *text) {
  dl_strbuf clean = {0};
  json_t *value;
  dl_strbuf_add_utf8(&clean, text, strlen(text));
  value = json_stringn(clean.data ? clean.data : "", clean.len);
  dl_strbuf_free(&clean);
  return value;
}

/* What stands before the sentence of an error that has a code of its own: on
 * older servers the kind of error that its status has, else nothing. */
const char *dl_envelope_kind(unsigned status) {
  if (!dl_as_now()->old_errors)
    return "";
  return status == 404   ? "not found: "
         : status == 408 ? "request timeout: "
                         : "gone: ";
}

/* The daemon's error object. `code` NULL takes the one of the status. NULL
 * without memory. */
json_t *dl_envelope_make(const char *method, const char *path, unsigned status,
                         const char *code, const char *message) {
  char now[DL_CLOCK_TEXT];
  json_t *envelope;
  dl_clock_rfc3339_now(now);
  envelope = json_pack("{s:i, s:o, s:s*, s:s, s:o, s:s, s:s}", "statusCode",
                       (int)status, "message", clean_string(message), "code",
                       code ? code : generic_code(status), "timestamp", now,
                       "path", clean_string(path), "method", method, "source",
                       "DAYTONA_DAEMON");
  if (dl_as_now()->old_errors)
    json_object_del(envelope, "source");
  return envelope;
}

/* The `error` hook of the toolbox's server; see dl_old_errors_write. */
void dl_envelope_write(dl_http_request *req, unsigned status, const char *code,
                       const char *message) {
  dl_http_reply_json(req, status,
                     dl_envelope_make(dl_http_method(req), dl_http_path(req),
                                      status, code, message));
}

/* strerror_r is POSIX' in musl, and in glibc one of its own. */
static const char *describe(int error, char *text, size_t size) {
#ifdef __GLIBC__
  return strerror_r(error, text, size);
#else
  return strerror_r(error, text, size) == 0 ? text : "unknown error";
#endif
}

/* The text of an errno value as the daemon writes it: strerror's, starting
 * with a small letter. Returns `buffer`. */
const char *dl_envelope_errno(int error, char *buffer, size_t size) {
  char text[128];
  snprintf(buffer, size, "%s", describe(error, text, sizeof text));
  if (size > 1 && isupper((unsigned char)buffer[0]) &&
      !isupper((unsigned char)buffer[1]))
    buffer[0] = (char)tolower((unsigned char)buffer[0]);
  return buffer;
}
