#ifndef DL_WEBSOCKET_H
#define DL_WEBSOCKET_H

#include "http/http.h"

#include <poll.h>

/* WebSockets on the server's side. Each has a thread of its own, which runs the
 * `serve` function of its config; others may send, close and drop, and keep the
 * socket by a reference for that. Pings and the closing handshake are answered
 * while the own thread waits or sends. */

typedef struct dl_websocket dl_websocket;

typedef enum dl_websocket_kind {
  DL_WEBSOCKET_TEXT,
  DL_WEBSOCKET_BINARY
} dl_websocket_kind;

typedef struct dl_websocket_message {
  const char *data; /* a NUL is behind it; lives until the next is taken */
  size_t len;
  dl_websocket_kind kind;
} dl_websocket_message;

typedef enum dl_websocket_event {
  DL_WEBSOCKET_MESSAGE, /* a whole message came */
  DL_WEBSOCKET_READY,   /* something else that was waited for */
  DL_WEBSOCKET_TIMEOUT,
  DL_WEBSOCKET_OVER /* closed by either side, or broken */
} dl_websocket_event;

typedef struct dl_websocket_config {
  /* The connection, on a thread of its own. When it returns, what is queued is
   * still sent; a socket left open is then closed with 1000. */
  void (*serve)(dl_websocket *ws, void *arg);
  void *arg;
  /* Called once: after `serve`, or when there will be no connection. */
  void (*release)(void *arg);
  size_t max_message; /* more is refused with 1009; 0: 64 KiB */
  size_t max_queue;   /* a send waits while this much is queued; 0: 1 MiB */
  bool ignore_input;  /* messages are read and dropped */
} dl_websocket_config;

#define DL_WEBSOCKET_FOREVER (-1)

#pragma GCC visibility push(hidden)

/* upgrade.c */
bool dl_websocket_wanted(const dl_http_request *req);

/* What follows `prefix` in the first offered subprotocol that starts with it,
 * malloc'd; NULL if none does. Further information travels so, for browsers
 * can set no headers. */
char *dl_websocket_token(dl_http_request *req, const char *prefix);

/* Answers the request by turning its connection into a WebSocket, or with 400
 * if it does not ask for one rightly. config->release is called in any case,
 * later or at once. */
void dl_websocket_accept(dl_http_request *req,
                         const dl_websocket_config *config);

/* Closes all sockets with 1001, and each that is still to come. */
void dl_websocket_close_all(dl_http_server *server);

/* websocket.c: on the socket's own thread only */
dl_websocket_event dl_websocket_wait(dl_websocket *ws, struct pollfd *extra,
                                     nfds_t n_extra, int timeout_ms,
                                     dl_websocket_message *message);

/* From now on messages are read and dropped. */
void dl_websocket_ignore_input(dl_websocket *ws);

/* still.c: on the socket's own thread only */
void dl_websocket_stand_still(dl_websocket *ws);

/* websocket.c: on any thread */
dl_websocket *dl_websocket_ref(dl_websocket *ws);

/* Gives a reference back; NULL is fine. */
void dl_websocket_unref(dl_websocket *ws);

/* send.c: on any thread */
int dl_websocket_send(dl_websocket *ws, dl_websocket_kind kind,
                      const void *data, size_t len, int patience_ms);

/* The same with a JSON text (the reference is taken; NULL is no memory). */
int dl_websocket_send_json(dl_websocket *ws, json_t *message, int patience_ms);

/* Starts the closing handshake behind what is queued; the first close counts.
 * A reason is cut to the 123 bytes that a frame has for it. */
void dl_websocket_close(dl_websocket *ws, unsigned code, const char *reason);

/* Ends the connection behind what is queued, without a close frame. */
void dl_websocket_drop(dl_websocket *ws);

#pragma GCC visibility pop

#endif
