#include "pty.h"
#include "as.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_CONTROL "X-Daytona-Pty-Exit-Control"

/* What a connection is about, from the handshake to its end. */
typedef struct visit {
  dl_pty *pty; /* NULL: there is none of that id */
  char *id;
  dl_pty_client client;
  bool made; /* for this connection, which has not come to pass yet */
} visit;

/* Types what a client sent. A terminal that takes no more makes the client
 * wait; one that has ended takes nothing, and the client will be told. */
static void type(dl_websocket *ws, const dl_pty *pty, const char *data,
                 size_t len) {
  while (len > 0) {
    struct pollfd room = {pty->master, POLLOUT, 0};
    ssize_t n = write(pty->master, data, len);
    if (n > 0) {
      data += n;
      len -= (size_t)n;
    }
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
      return;
    else if (dl_websocket_wait(ws, &room, 1, DL_WEBSOCKET_FOREVER, NULL) ==
             DL_WEBSOCKET_OVER)
      return;
  }
}

/* Says why there is no terminal, and ends without a close frame. */
static void turn_away(dl_websocket *ws, const char *why) {
  dl_websocket_send_json(ws,
                         json_pack("{s:s+, s:s, s:s}", "error",
                                   "Failed to connect to PTY session: ", why,
                                   "status", "error", "type", "control"),
                         0);
  dl_websocket_drop(ws);
}

static void serve(dl_websocket *ws, void *arg) {
  visit *v = arg;
  dl_strbuf why = {0};
  v->client.ws = ws;
  v->made = false;
  if (!v->pty)
    dl_strbuf_addf(&why, "PTY session %s not found", v->id);
  if (!v->pty || dl_pty_attach(v->pty, &v->client, &why)) {
    turn_away(ws, why.data && !why.failed ? why.data : "out of memory");
    dl_strbuf_free(&why);
    return;
  }
  dl_websocket_message message;
  while (dl_websocket_wait(ws, NULL, 0, DL_WEBSOCKET_FOREVER, &message) ==
         DL_WEBSOCKET_MESSAGE)
    type(ws, v->pty, message.data, message.len);
  dl_pty_detach(v->pty, &v->client);
}

static void release(void *arg) {
  visit *v = arg;
  if (v->made)
    dl_pty_delete(v->pty);
  dl_pty_unref(v->pty);
  free(v->id);
  free(v);
}

/* Answers with a WebSocket that shows the terminal (whose reference is taken;
 * NULL: there is none called `id`, which the client is told later). One that
 * was made for this connection goes away if that does not come to pass. */
void dl_pty_accept(dl_http_request *req, const char *id, dl_pty *pty,
                   bool made) {
  dl_websocket_config config = {.serve = serve, .release = release};
  char *token = dl_websocket_token(req, EXIT_CONTROL);
  visit *v = calloc(1, sizeof *v);
  char *copy = strdup(id);
  if (!v || !copy) {
    if (made)
      dl_pty_delete(pty);
    dl_pty_unref(pty);
    free(v);
    free(copy);
    free(token);
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  v->pty = pty;
  v->id = copy;
  v->made = made;
  v->client.exit_control = token != NULL && !dl_as_now()->no_newer;
  free(token);
  config.arg = v;
  dl_websocket_accept(req, &config);
}
