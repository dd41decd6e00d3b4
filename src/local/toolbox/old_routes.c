#include "old_routes.h"
#include "as.h"
#include "strbuf.h"

#include <string.h>

/* What a server without the newer operations answers to them. */

static const char *const newer[] = {
    "/env",        "/system/metrics",  "/files/upload-v2", "/git/init",
    "/git/config", "/git/config/user", "/git/credentials", "/git/remotes",
    "/git/reset",  "/git/restore"};

static bool is_newer(const char *path) {
  for (size_t i = 0; i < sizeof newer / sizeof *newer; i++) {
    if (strcmp(path, newer[i]) == 0)
      return true;
  }
  return false;
}

/* Whether a part of the path has a slash in it, which separates parts where
 * the path is decoded before it is routed. */
static bool has_slash(const dl_http_request *req) {
  const char *segment;
  for (size_t i = 0; (segment = dl_http_segment(req, i)); i++) {
    if (strchr(segment, '/'))
      return true;
  }
  return false;
}

/* File names that are not UTF-8 cannot be asked for. */
static bool has_bad_name(const dl_http_request *req) {
  const char *path = dl_http_query(req, "path");
  return path && strcmp(dl_http_path(req), "/files/download") == 0 &&
         !dl_strbuf_is_utf8(path, strlen(path));
}

static void reply_no_desktop(dl_http_request *req) {
  dl_http_reply_json(
      req, 503,
      json_pack("{s:s, s:s, s:s}", "message",
                "Computer-use functionality is not available", "details",
                "The computer-use plugin is still loading or failed to "
                "initialize.",
                "solution",
                "Retry shortly. If the problem persists, check the daemon logs "
                "for specific error details."));
}

bool dl_old_routes_refuse(dl_http_request *req) {
  const char *path = dl_http_path(req);
  if (strncmp(path, "/proxy/", 7) == 0)
    return false;
  if (is_newer(path) || (dl_as_now()->routes_decoded && has_slash(req)) ||
      has_bad_name(req))
    dl_routes_not_found(req);
  else if (strcmp(path, "/process/pty/create-connect") == 0)
    dl_http_reply_error(req, 404, NULL, "not found: PTY session not found");
  else if (strncmp(path, "/computeruse/", 13) == 0)
    reply_no_desktop(req);
  else
    return false;
  return true;
}
