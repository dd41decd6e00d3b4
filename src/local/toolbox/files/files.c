#include "files.h"
#include "strbuf.h"

#include <errno.h>
#include <string.h>

/* The query parameter that names a file. Without it (or empty) answers 400 and
 * returns NULL. */
const char *dl_files_path(dl_http_request *req, const char *name) {
  const char *path = dl_http_query(req, name);
  if (path && *path)
    return path;
  dl_http_reply_error(req, 400, NULL, "bad request: %s is required", name);
  return NULL;
}

void dl_files_stat_failed(dl_http_request *req, int error, const char *path) {
  char text[128];
  if (error == ENOENT)
    dl_http_reply_error(req, 404, "FILE_NOT_FOUND", "file not found: %s", path);
  else if (error == EACCES || error == EPERM)
    dl_http_reply_error(req, 403, "FILE_ACCESS_DENIED", "permission denied: %s",
                        path);
  else
    dl_http_reply_error(req, 400, NULL, "bad request: %s: %s", path,
                        dl_envelope_errno(error, text, sizeof text));
}

void dl_files_action_failed(dl_http_request *req, const char *action,
                            const char *path, int error) {
  char text[128];
  dl_http_reply_error(req, 400, NULL, "bad request: %s %s: %s", action, path,
                      dl_envelope_errno(error, text, sizeof text));
}
