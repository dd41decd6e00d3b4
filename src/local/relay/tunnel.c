#include "http/internal.h"
#include "relay.h"
#include "ways.h"

#include <stdlib.h>
#include <string.h>

typedef struct tunnel {
  dl_relay *relay;
  dl_ways ways;
} tunnel;

/* Bytes that came together with the heads are the first to go out. */
static bool take_early(tunnel *t, const char *extra, size_t n) {
  dl_relay *r = t->relay;
  size_t had = r->in.len - r->at;
  if (n > DL_WAYS_PIPE || had > DL_WAYS_PIPE)
    return false;
  if (n > 0)
    memcpy(t->ways.up.data, extra, n);
  if (had > 0)
    memcpy(t->ways.down.data, r->in.data + r->at, had);
  t->ways.up.end = n;
  t->ways.down.end = had;
  dl_strbuf_free(&r->in);
  r->at = 0;
  return true;
}

/* libmicrohttpd hands the connection over. It is carried in the thread of the
 * connection; see dl_http_socket_begins. */
static void on_upgrade(void *cls, struct MHD_Connection *connection,
                       void *context, const char *extra, size_t n,
                       MHD_socket fd, struct MHD_UpgradeResponseHandle *urh) {
  dl_http_request *req = context;
  dl_relay *r = dl_http_take_state(req);
  tunnel *t = calloc(1, sizeof *t);
  (void)cls;
  (void)connection;
  dl_http_socket_begins(req);
  if (t) {
    t->relay = r;
    dl_ways_join(&t->ways, fd, r->fd);
    if (take_early(t, extra, n))
      dl_ways_carry(&t->ways);
    free(t);
  }
  dl_relay_free(r);
  MHD_upgrade_action(urh, MHD_UPGRADE_ACTION_CLOSE);
  dl_http_socket_ended(req->server);
}

/* Answers 101, from where on the connection is bare bytes both ways. The relay
 * stays the state of the request until then. */
void dl_relay_tunnel(dl_http_request *req) {
  struct MHD_Response *response =
      MHD_create_response_for_upgrade(on_upgrade, NULL);
  if (response)
    MHD_add_response_header(response, "Upgrade", "websocket");
  dl_http_reply_response(req, response ? 101 : 503, response);
}
