#include "internal.h"

/* The count of what was upgraded. */

/* The connection of the request is upgraded and no longer of HTTP. What it
 * carries is served by the thread that libmicrohttpd has for it, which also
 * gives it back: from another thread the library may free the connection
 * while MHD_upgrade_action still writes to it (0.9.75). */
void dl_http_socket_begins(dl_http_request *req) {
  dl_http_pass(req);
  pthread_mutex_lock(&req->server->lock);
  req->server->n_sockets++;
  pthread_mutex_unlock(&req->server->lock);
}

void dl_http_socket_ended(dl_http_server *server) {
  pthread_mutex_lock(&server->lock);
  if (--server->n_sockets == 0)
    pthread_cond_broadcast(&server->idle);
  pthread_mutex_unlock(&server->lock);
}
