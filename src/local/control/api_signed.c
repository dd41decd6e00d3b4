#include "api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "front/preview.h"
#include "signing.h"

#define PREVIEW_SECONDS 60
#define PREVIEW_SECONDS_MAX 86400

/* How long the preview is to last. False: that was replied; what is no integer
 * broke the original, and does so here. */
static bool read_seconds(dl_http_request *req, int64_t *seconds) {
  const char *text = dl_http_query(req, "expiresInSeconds");
  *seconds = PREVIEW_SECONDS;
  if (!text)
    return true;
  char *end;
  errno = 0;
  *seconds = strtoll(text, &end, 10);
  if (*end || (end == text && *text))
    dl_api_broken(req);
  else if (errno || *seconds < 1 || *seconds > PREVIEW_SECONDS_MAX)
    dl_api_fail(req, 400,
                "expiresInSeconds must be between 1 second and 24 hours");
  else
    return true;
  return false;
}

static void reply_preview(dl_http_request *req, const dl_plane *plane,
                          const dl_sandbox *sb, int port, const char *token) {
  char digits[16];
  snprintf(digits, sizeof digits, "%d", port);
  char *url = dl_preview_url(plane, digits, token);
  if (url)
    dl_http_reply_json(req, 200,
                       json_pack("{s:s,s:i,s:s,s:s}", "sandboxId", sb->id,
                                 "port", port, "token", token, "url", url));
  else
    dl_api_unsupported(req, "Signed previews of a server that clients reach by "
                            "its address, not by a name (--advertise), are");
  free(url);
}

static void make_preview(dl_http_request *req, dl_plane *plane,
                         dl_sandbox *sb) {
  int64_t seconds;
  int port;
  if (!dl_api_read_port(req, &port) || !read_seconds(req, &seconds))
    return;
  char token[DL_SIGNING_TOKEN];
  if (dl_signing_preview(plane->store, sb->id, (unsigned)port,
                         dl_plane_now(plane), seconds, token))
    dl_api_broken(req);
  else
    reply_preview(req, plane, sb, port, token);
}

/* GET /sandbox/{id}/ports/{port}/signed-preview-url */
void dl_api_signed_preview_url(dl_http_request *req) {
  dl_api_on_sandbox(req, make_preview);
}

static void expire_preview(dl_http_request *req, dl_plane *plane,
                           dl_sandbox *sb) {
  int port;
  if (!dl_api_read_port(req, &port))
    return;
  if (dl_signing_expire(plane->store, sb->id, (unsigned)port,
                        dl_http_param(req, "token")))
    dl_api_broken(req);
  else
    dl_http_reply_empty(req, 201);
}

void dl_api_expire_signed(dl_http_request *req) {
  dl_api_on_sandbox(req, expire_preview);
}

static void reply_key(dl_http_request *req, const char *key) {
  dl_http_reply_json(req, 200, json_string(key));
}

static void get_key(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  char key[DL_SIGNING_KEY];
  if (dl_signing_key(plane->store, sb->id, key))
    dl_api_broken(req);
  else
    reply_key(req, key);
}

void dl_api_signing_key(dl_http_request *req) {
  dl_api_on_sandbox_id(req, get_key);
}

static void rotate_key(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  char key[DL_SIGNING_KEY];
  if (dl_signing_rotate(plane->store, sb->id, key))
    dl_api_broken(req);
  else
    reply_key(req, key);
}

void dl_api_rotate_signing_key(dl_http_request *req) {
  dl_api_on_sandbox_id(req, rotate_key);
}
