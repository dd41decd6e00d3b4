/* A WebSocket on the wire.  Never calls Lua; the callers have entered. */
#ifndef dt_websocket_io_h
#define dt_websocket_io_h

#include <stdbool.h>

#include "answer.h"
#include "inbox.h"
#include "../flow/connector.h"
#include "../flow/request_state.h"
#include "../flow/sockets.h"
#include "../../wire/handshake.h"

#pragma GCC visibility push(hidden)

enum {
  DT_WEBSOCKET_READ = DT_CONNECTOR_READ,
  DT_WEBSOCKET_INBOX = 128 * 1024, /* bytes kept for Lua, else none are read */
  DT_WEBSOCKET_OUTBOX = 1024 * 1024, /* bytes to be sent, else send refuses */
  DT_WEBSOCKET_STAGE = 16 * 1024
};

typedef enum {
  DT_WEBSOCKET_CONNECTING, /* libcurl: name, TCP, proxy, TLS */
  DT_WEBSOCKET_ASKING,     /* the handshake is sent and answered */
  DT_WEBSOCKET_OPEN,       /* frames */
  DT_WEBSOCKET_OVER
} dt_websocket_phase;

/* Ends a wait when nothing else does. */
typedef struct dt_websocket_alarm {
  double at; /* 0: not set */
  bool rung; /* atomic */
} dt_websocket_alarm;

typedef struct dt_websocket {
  dt_request request; /* first: what is asked for, how it failed; its transfer
                       * is what those wait for who receive */
  dt_transfer writer; /* what those wait for who send */
  dt_socket socket;
  dt_websocket_phase phase;
  dt_connector *connector; /* owned */
  CURL *easy;              /* the connector's, once it has connected */
  curl_socket_t fd;
  double deadline; /* for opening, later for the end of a closing handshake */
  char key[DT_HANDSHAKE_KEY];
  dt_queue question; /* what is left of the handshake */
  dt_answer *answer; /* owned, until it is open */
  dt_frames *frames; /* owned */
  char subprotocol[sizeof((dt_answer *)0)->subprotocol];
  char *buffer;        /* DT_WEBSOCKET_STAGE for sending: TLS wants the same */
  size_t staged, sent; /* bytes again after a refusal */
  dt_inbox inbox;      /* what came */
  dt_inbox taken;      /* the same in the hands of Lua */
  int more;            /* there may be bytes that a poll does not see */
  double ping_every, ping_at; /* seconds, 0: no pings; when the next is due */
  int ping_unanswered;        /* nothing was heard since the last one */
  int moved;                  /* bytes were sent since then */
  int broken;                 /* nothing can be sent any more */
  const char *problem;        /* what the server did wrong, of kind protocol */
  int closing;                /* Lua wanted the end */
  /* Looked at without entering the background driver. */
  bool news;   /* atomic: a part is in the inbox, or it is open and Lua does not
                * know yet */
  bool room;   /* atomic: what a writer waits for is there */
  int refused; /* the last send did not fit */
  dt_websocket_alarm alarms[2]; /* of who receives, of who sends */
} dt_websocket;

/* What makes a transfer the reading or the writing side. */
extern const dt_transfer_kind dt_websocket_reader;
extern const dt_transfer_kind dt_websocket_writer;

/* Of its frames. */
extern const dt_frames_events dt_websocket_events;

/* Makes the connection, unless it is given one, which it owns in any case, and
 * puts all into the driver; URL, question and deadline are set.  What it leaves
 * behind after a failure dt_websocket_free takes away. */
CURLcode dt_websocket_start(dt_websocket *w, dt_connector *connected);

/* Sends what can be sent at once, so that no word waits for the next step. */
void dt_websocket_flush(dt_websocket *w);

/* Ends it, if it is not over, as libcurl would end a transfer. */
void dt_websocket_end(dt_websocket *w, CURLcode code);

/* Bytes that are to be sent. */
size_t dt_websocket_pending(dt_websocket *w);

/* Sets what a writer may know of room. */
void dt_websocket_note_room(dt_websocket *w);

/* Gives up the connection and all memory but what is told of the end. */
void dt_websocket_free(dt_websocket *w);

#pragma GCC visibility pop
#endif
