#ifndef DL_WEBSOCKET_INTERNAL_H
#define DL_WEBSOCKET_INTERNAL_H

/* What the websocket*.c files share. */

#include "http/internal.h"
#include "websocket.h"
#include "wire/frames.h"

typedef struct dl_websocket_input {
  struct dl_websocket_input *next;
  dl_websocket_kind kind;
  size_t len;
  char data[];
} dl_websocket_input;

struct dl_websocket {
  dl_http_server *server;
  dl_websocket *next; /* in the server's list, under the server's lock */
  dl_websocket *previous;
  dl_websocket_config config;
  pthread_t thread;
  int fd;      /* libmicrohttpd's; -1: not connected, or no more */
  int wake_fd; /* eventfd: another thread left something to be sent */

  /* Of the own thread. */
  dl_websocket_input *current; /* given out by the last wait */

  pthread_mutex_t lock; /* of all that follows */
  pthread_cond_t room;  /* signalled when bytes were sent, and at the end */
  unsigned refs;
  dt_frames *frames;
  dl_strbuf partial; /* of a message that is not complete */
  dl_websocket_input *inputs;
  dl_websocket_input **last_input;
  uint64_t sent;
  bool broken;  /* the connection is lost, or the peer sends no more */
  bool leaving; /* this side has closed or dropped */
  bool dropped; /* without a close frame */
};

#pragma GCC visibility push(hidden)

/* websocket.c */
dl_websocket *dl_websocket_new(dl_http_server *server,
                               const dl_websocket_config *config);

/* The connection from its first byte (`early`: `n` bytes that came behind the
 * handshake) to its last. */
void dl_websocket_run(dl_websocket *ws, const char *early, size_t n);

/* Gives back what a socket holds beside its memory, and the reference of its
 * maker. For one that was never connected. */
void dl_websocket_abandon(dl_websocket *ws);

/* io.c */
size_t dl_websocket_queued(dl_websocket *ws);

/* Whether messages can still be sent. */
bool dl_websocket_is_open(const dl_websocket *ws);

/* The connection is lost: nobody waits any more. */
void dl_websocket_give_up(dl_websocket *ws);

/* Sends what the socket takes without waiting. */
void dl_websocket_flush(dl_websocket *ws);

/* Takes bytes that were received. */
void dl_websocket_feed(dl_websocket *ws, const char *data, size_t n);

/* Polls the socket with the others, then moves what can be moved. What poll
 * says, of the others only, goes to fds[2] and later; true if that is
 * anything. The lock is not held here. */
bool dl_websocket_turn(dl_websocket *ws, struct pollfd *fds, nfds_t n,
                       bool reads, int timeout_ms);

#pragma GCC visibility pop

#endif
