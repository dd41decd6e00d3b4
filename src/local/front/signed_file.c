#include "signed_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "as.h"
#include "clock.h"
#include "control/signing.h"

static bool is_segment(const dl_http_request *req, size_t i, const char *text) {
  const char *segment = dl_http_segment(req, i);
  return segment && strcmp(segment, text) == 0;
}

/* The parameter, which is absent where it is empty. */
static const char *parameter(const dl_http_request *req, const char *name) {
  const char *value = dl_http_query(req, name);
  return value && *value ? value : NULL;
}

/* What a signature says of the request's method; NULL where none is taken. */
static const char *signed_method(const dl_http_request *req) {
  const char *method = dl_http_method(req);
  if (!is_segment(req, 2, "files") || dl_http_segment(req, 4))
    return NULL;
  if (is_segment(req, 3, "download"))
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? "GET"
                                                                     : NULL;
  return is_segment(req, 3, "upload-v2") && strcmp(method, "POST") == 0 ? "POST"
                                                                        : NULL;
}

bool dl_signed_file_asks(const dl_http_request *req) {
  return !dl_as_now()->no_newer && parameter(req, "signature") &&
         signed_method(req);
}

/* A second since 1970. 0, or -1. */
static int read_expires(const char *text, int64_t *expires) {
  char *end;
  errno = 0;
  *expires = strtoll(text, &end, 10);
  return errno || *end || *text < '0' || *text > '9' ? -1 : 0;
}

const char *dl_signed_file_refuses(const dl_http_request *req, const char *key,
                                   unsigned *status) {
  const char *path = parameter(req, "path");
  const char *expires_text = parameter(req, "expires");
  const char *shown = parameter(req, "signature");
  *status = path ? 401 : 400;
  if (!path)
    return "bad request: path query parameter is required";
  if (!expires_text)
    return "unauthorized: expires query parameter is required";
  int64_t expires;
  if (read_expires(expires_text, &expires))
    return "unauthorized: invalid expires query parameter";
  if (expires != 0 && dl_clock_now_ms() / 1000 > expires)
    return "unauthorized: signature is expired";
  if (strncmp(shown, "v1_", 3) != 0)
    return "unauthorized: unsupported signature scheme";
  if (!key)
    return "unauthorized: failed to resolve signing key";
  char right[DL_SIGNING_FILE];
  if (dl_signing_file(key, signed_method(req), path, expires, right) ||
      !dl_crypto_equal(shown, right))
    return "unauthorized: invalid signature";
  return NULL;
}

int dl_signed_file_query(dl_strbuf *out, const dl_http_request *req) {
  const unsigned char *p = (const unsigned char *)parameter(req, "path");
  dl_strbuf_adds(out, "path=");
  for (; *p; p++)
    dl_strbuf_addf(out, "%%%02X", *p);
  return out->failed ? -1 : 0;
}
