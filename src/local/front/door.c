#include "door.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../clock.h"
#include "../relay.h"
#include "../control/signing.h"
#include "credentials.h"
#include "signed_file.h"
#include "toolbox_socket.h"

static bool is_segment(const dl_http_request *req, size_t i, const char *text) {
  const char *segment = dl_http_segment(req, i);
  return segment && strcmp(segment, text) == 0;
}

/* Whether the door answers, which looks for credentials of its own. */
bool dl_door_owns(const dl_http_request *req) {
  return is_segment(req, 0, "toolbox") && dl_http_segment(req, 2);
}

static void refuse(dl_http_request *req, unsigned status, const char *code,
                   const char *message) {
  char now[DL_CLOCK_TEXT];
  dl_strbuf path = {0};
  const char *raw = dl_http_raw_path(req);
  dl_clock_iso_ms(dl_clock_now_ms(), now);
  dl_strbuf_add_utf8(&path, raw, strlen(raw));
  dl_http_reply_json(req, status,
                     json_pack("{s:i,s:s,s:s,s:s,s:s,s:s,s:s}", "statusCode",
                               (int)status, "message", message, "code", code,
                               "timestamp", now, "path",
                               path.data ? path.data : "", "method",
                               dl_http_method(req), "source", "DAYTONA_PROXY"));
  dl_strbuf_free(&path);
}

/* The port of /toolbox/{id}/proxy/{port}, 0 for anything else. */
static unsigned proxy_port(const dl_http_request *req) {
  const char *text = dl_http_segment(req, 3);
  char *end;
  unsigned long port;
  if (!is_segment(req, 2, "proxy") || !text || *text < '0' || *text > '9')
    return 0;
  port = strtoul(text, &end, 10);
  return *end || port > 65535 ? 0 : (unsigned)port;
}

/* A preview's visitors have a token for its port. */
static bool has_preview_token(const dl_http_request *req,
                              const dl_sandbox *sb) {
  const char *shown = dl_http_header(req, "X-Daytona-Preview-Token");
  unsigned port = proxy_port(req);
  char token[DL_CREDENTIALS_PREVIEW];
  return shown && port && sb->id &&
         dl_credentials_preview(sb, port, token) == 0 &&
         dl_crypto_equal(shown, token);
}

/* What an application in the sandbox is sent for itself passes, as its own
 * Authorization does in a preview; the API key never does. */
static bool drops(void *arg, const char *header) {
  const dl_http_request *req = arg;
  const dl_plane *plane = dl_http_context(req);
  if (strcasecmp(header, "X-Daytona-Preview-Token") == 0)
    return true;
  return strcasecmp(header, "Authorization") == 0 &&
         (!is_segment(req, 2, "proxy") ||
          dl_credentials_is_key(plane, dl_http_bearer(req)));
}

static bool is_up(const dl_sandbox *sb) {
  return sb->state == DL_STARTED || sb->state == DL_STARTING ||
         sb->state == DL_CREATING || sb->state == DL_STOPPING;
}

static void pass_on(dl_http_request *req, const dl_plane *plane,
                    const dl_sandbox *sb) {
  const char *host = dl_http_header(req, "Host");
  dl_strbuf query = {0};
  dl_relay_target to = {.path = dl_http_raw_path(req),
                        .host = host ? host : "localhost",
                        .drops = drops,
                        .arg = req,
                        .passes_loss = true};
  if (dl_signed_file_asks(req) && dl_signed_file_query(&query, req)) {
    refuse(req, 500, "INTERNAL_SERVER_ERROR", "out of memory");
    dl_strbuf_free(&query);
    return;
  }
  to.query = query.data;
  to.fd = is_up(sb) ? dl_toolbox_socket_connect(&plane->dir, sb->id) : -1;
  if (to.fd >= 0)
    dl_relay_begin(req, &to);
  else
    refuse(req, 400, "BAD_REQUEST",
           "bad request: failed to resolve container IP after 3 attempts: no "
           "IP address found. Is the Sandbox started?");
  dl_strbuf_free(&query);
}

/* Whether the visitor may come in; if not, that was replied. `key` is that of
 * the sandbox's signatures, NULL without one. */
static bool admit(dl_http_request *req, const dl_plane *plane,
                  const dl_sandbox *sb, const char *key) {
  unsigned status = 401;
  const char *why = NULL;
  if (dl_signed_file_asks(req))
    why = dl_signed_file_refuses(req, key, &status);
  else if (!dl_credentials_is_key(plane, dl_http_bearer(req)) &&
           !has_preview_token(req, sb))
    why = "unauthorized: invalid credentials";
  if (why)
    refuse(req, status, status == 400 ? "BAD_REQUEST" : "UNAUTHORIZED", why);
  return !why;
}

/* ANY /toolbox/{id}/..., before the body */
void dl_door_begin(dl_http_request *req) {
  dl_plane *plane = dl_http_context(req);
  dl_sandbox sb = {0};
  char key[DL_SIGNING_KEY];
  int found;
  bool stopping, signs, enters;
  pthread_mutex_lock(&plane->lock);
  stopping = plane->stopping;
  found = dl_store_get(plane->store, dl_http_param(req, "id"), &sb);
  signs = dl_signed_file_asks(req) && found == DL_STORE_FOUND &&
          dl_signing_find(plane->store, sb.id, key) == DL_STORE_FOUND;
  pthread_mutex_unlock(&plane->lock);
  enters = admit(req, plane, &sb, signs ? key : NULL);
  if (enters && stopping)
    refuse(req, 503, "SERVICE_UNAVAILABLE", "the server is stopping");
  else if (enters && found == DL_STORE_ERROR)
    refuse(req, 500, "INTERNAL_SERVER_ERROR", "the sandbox cannot be read");
  else if (enters && found != DL_STORE_FOUND)
    refuse(req, 404, "NOT_FOUND", "not found: sandbox container not found");
  else if (enters)
    pass_on(req, plane, &sb);
  dl_sandbox_clear(&sb);
}
