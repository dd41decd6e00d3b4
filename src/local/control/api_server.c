#include "api.h"

#include <string.h>

#include "as.h"
#include "front/credentials.h"
#include "front/door.h"
#include "routes.h"

/* The server of the control plane: who may come in, and what it knows. */

/* A rush of a thousand calls to one sandbox, which may have half of them. */
#define MAX_CONNECTIONS 2000

static void not_found(dl_http_request *req) {
  char *url = dl_api_url(req);
  dl_api_fail(req, 404, "Cannot %s %s", dl_http_method(req), url ? url : "");
  free(url);
}

/* The error hook of the HTTP layer. A body that is too big finds no route in
 * the original. */
static void error_hook(dl_http_request *req, unsigned status, const char *code,
                       const char *message) {
  (void)code;
  if (status == 413)
    not_found(req);
  else if (status == 500)
    dl_api_broken(req);
  else
    dl_api_fail(req, status, "%s", message);
}

static bool is_open(const char *path) {
  return strcmp(path, "/api/config") == 0 || strcmp(path, "/api/health") == 0;
}

static bool is_authorized(const dl_plane *plane, const dl_http_request *req) {
  const char *token = dl_http_bearer(req);
  return dl_credentials_is_key(
      plane, token ? token : dl_http_query(req, "access_token"));
}

static bool is_stopping(dl_plane *plane) {
  pthread_mutex_lock(&plane->lock);
  bool stopping = plane->stopping;
  pthread_mutex_unlock(&plane->lock);
  return stopping;
}

/* Whether the path is of operations that came later. */
static bool is_newer(const dl_http_request *req) {
  static const char *const of_sandbox[] = {"autopause", "ttl", "secrets",
                                           "signing-key"};
  const char *area = dl_http_segment(req, 1), *what = NULL;
  size_t i;
  if (!area)
    return false;
  if (strcmp(area, "secret") == 0 || strcmp(area, "warm-pools") == 0)
    return true;
  if (strcmp(area, "sandbox") == 0 && dl_http_segment(req, 2))
    what = dl_http_segment(req, 3);
  for (i = 0; what && i < sizeof of_sandbox / sizeof *of_sandbox; i++) {
    if (strcmp(what, of_sandbox[i]) == 0)
      return true;
  }
  return false;
}

static void before(dl_http_request *req) {
  if (dl_door_takes(req))
    return;
  dl_http_add_header(req, "X-Daytona-Api-Version", dl_as_version());
  bool authorized = is_authorized(dl_api_plane(req), req);
  if (authorized && !dl_http_admit(req))
    return;
  if (authorized || is_open(dl_http_path(req))) {
    if (is_stopping(dl_api_plane(req)))
      dl_api_fail(req, 503, "The server is stopping");
    else if (dl_as_now()->no_newer && is_newer(req))
      not_found(req);
    return;
  }
  dl_api_fail(req, 401, "Invalid credentials");
}

/* Serves the control plane on that socket (owned from now on). NULL if it
 * cannot. */
dl_http_server *dl_api_start(dl_plane *plane, int listen_fd) {
  dl_http_config config = {0};
  config.listen_fd = listen_fd;
  config.routes = dl_routes_control;
  config.context = plane;
  config.before = before;
  config.not_found = not_found;
  config.error = error_hook;
  config.connections = MAX_CONNECTIONS;
  config.head_ms = (unsigned)(plane->options->head_seconds * 1000);
  return dl_http_start(&config);
}
