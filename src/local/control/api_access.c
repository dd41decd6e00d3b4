#include "api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "front/credentials.h"
#include "front/preview.h"
#include "image.h"

/* The {port} of the path. False: it is none, and that was replied. */
bool dl_api_read_port(dl_http_request *req, int *port) {
  const char *text = dl_http_param(req, "port");
  errno = 0;
  char *end;
  long n = strtol(text, &end, 10);
  *port = (int)n;
  if (!errno && end != text && !*end && n >= 1 && n <= 65535)
    return true;
  dl_api_fail(req, 400, "Invalid port");
  return false;
}

/* A preview has a host name of its own; below an address there is none, so the
 * port is reached through the toolbox. */
static char *url_of_port(const dl_plane *plane, const char *id, int port) {
  char digits[16];
  dl_strbuf path = {0};
  snprintf(digits, sizeof digits, "%d", port);
  char *url;
  if ((url = dl_preview_url(plane, digits, id)))
    return url;
  dl_strbuf_addf(&path, "%s/%s/proxy/%d", plane->toolbox_url, id, port);
  return dl_strbuf_detach(&path);
}

static void preview_url(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  int port;
  if (!dl_api_read_port(req, &port))
    return;
  char *url = url_of_port(plane, sb->id, port);
  char token[DL_CREDENTIALS_PREVIEW];
  if (!url || dl_credentials_preview(sb, (unsigned)port, token))
    dl_api_broken(req);
  else
    dl_http_reply_json(req, 200,
                       json_pack("{s:s,s:s,s:s}", "sandboxId", sb->id, "url",
                                 url, "token", token));
  free(url);
}

void dl_api_preview_url(dl_http_request *req) {
  dl_api_on_sandbox(req, preview_url);
}

static void toolbox_url(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  (void)sb;
  dl_http_reply_json(req, 200, json_pack("{s:s}", "url", plane->toolbox_url));
}

void dl_api_toolbox_url(dl_http_request *req) {
  dl_api_on_sandbox_id(req, toolbox_url);
}

/* The log of the sandbox's image, to be freed; NULL: that was replied. */
static char *image_log(dl_http_request *req, const dl_sandbox *sb) {
  char *log = dl_image_log(sb->labels);
  if (!log)
    dl_api_fail(req, 404, "Sandbox %s has no build info",
                dl_http_param(req, "id"));
  return log;
}

static void build_logs(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  char *log = image_log(req, sb);
  (void)plane;
  if (log)
    dl_http_reply_text(req, 200, "text/plain", log);
  free(log);
}

void dl_api_build_logs(dl_http_request *req) {
  dl_api_on_sandbox(req, build_logs);
}

static void build_logs_url(dl_http_request *req, dl_plane *plane,
                           dl_sandbox *sb) {
  char *log = image_log(req, sb);
  dl_strbuf url = {0};
  dl_strbuf_addf(&url, "%s/api/sandbox/%s/build-logs", plane->url, sb->id);
  if (log && !url.failed)
    dl_http_reply_json(req, 200, json_pack("{s:s}", "url", url.data));
  else if (log)
    dl_api_broken(req);
  dl_strbuf_free(&url);
  free(log);
}

void dl_api_build_logs_url(dl_http_request *req) {
  dl_api_on_sandbox(req, build_logs_url);
}

void dl_api_no_ssh(dl_http_request *req) {
  dl_api_unsupported(req, "SSH access is");
}

void dl_api_no_telemetry(dl_http_request *req) {
  dl_api_unsupported(req, "Telemetry is");
}
