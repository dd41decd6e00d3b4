#include "daemon.h"

/* The state every request is served with. */
dl_toolbox *dl_daemon_of(const dl_http_request *req) {
  return dl_http_context(req);
}
