/* A WebSocket endpoint (RFC 6455, no extensions), client or server, over bytes
 * in memory; the frames are wslay's.  It does no I/O: what was received is fed
 * in, what is to be sent is taken out.  Every failure is a return value.  One
 * thread at a time. */
#ifndef dt_frames_h
#define dt_frames_h

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef enum { DT_FRAMES_TEXT = 1, DT_FRAMES_BINARY = 2 } dt_frames_kind;

/* Close codes used here; any from 1000 to 4999 that the RFC allows on the wire
 * may be given to dt_frames_close. */
enum {
  DT_CLOSE_NORMAL = 1000,
  DT_CLOSE_GOING_AWAY = 1001,
  DT_CLOSE_PROTOCOL = 1002,
  DT_CLOSE_NO_CODE = 1005, /* a close frame without one */
  DT_CLOSE_LOST = 1006,    /* no close frame */
  DT_CLOSE_NOT_UTF8 = 1007,
  DT_CLOSE_POLICY = 1008,
  DT_CLOSE_TOO_LARGE = 1009,
  DT_CLOSE_SERVER = 1011
};

enum {
  DT_FRAMES_CONTROL = 125,                  /* most bytes of a ping */
  DT_FRAMES_REASON = DT_FRAMES_CONTROL - 2, /* of a reason for closing */
};

/* What the owner is told while it feeds; neither may use the endpoint. */
typedef struct dt_frames_events {
  /* Bytes of a message.  A text comes whole, and is UTF-8; a binary message
   * comes in parts as they arrive, the last with 'final' (it may have n == 0).
   * Returns 0 if there is no memory for it, which fails the endpoint. */
  int (*on_message)(void *arg, dt_frames_kind kind, const char *data, size_t n,
                    int final);
  /* An answer to a ping, or a pong nobody asked for.  May be NULL. */
  void (*on_pong)(void *arg, const char *data, size_t n);
} dt_frames_events;

typedef struct dt_frames_config {
  bool is_server;
  size_t max_text;   /* bytes of a text, which is kept until it is complete */
  size_t max_binary; /* of a binary message; 0: no limit, none is kept */
  dt_frames_events events;
  void *arg; /* of the events */
} dt_frames_config;

typedef enum {
  DT_FRAMES_OPEN,
  DT_FRAMES_CLOSING, /* our close frame is queued or sent, theirs awaited */
  DT_FRAMES_CLOSED,  /* theirs came; with the output sent it is over */
  DT_FRAMES_FAILED   /* they broke the protocol, or no memory; as CLOSED */
} dt_frames_state;

typedef struct dt_frames dt_frames;

/* NULL without memory. */
dt_frames *dt_frames_new(const dt_frames_config *config);

/* Accepts NULL. */
void dt_frames_free(dt_frames *f);

dt_frames_state dt_frames_state_of(const dt_frames *f);

/* Takes all 'n' bytes that were received, and answers pings and a close by
 * itself; bytes after a close or a failure are ignored.  Returns the state. */
dt_frames_state dt_frames_feed(dt_frames *f, const void *bytes, size_t n);

/* Queues a whole message.  Text must be UTF-8, which is not looked at.  Returns
 * 1, or 0 when it is not open any more or there is no memory; nothing of it is
 * queued then.  To bound memory, look at dt_frames_output first. */
int dt_frames_send(dt_frames *f, dt_frames_kind kind, const void *data,
                   size_t n);

/* Queues a ping of at most DT_FRAMES_CONTROL bytes; as dt_frames_send. */
int dt_frames_ping(dt_frames *f, const void *data, size_t n);

/* Queues a close frame, after which nothing is sent; 'code' DT_CLOSE_NO_CODE:
 * none.  A reason is cut to DT_FRAMES_REASON bytes of UTF-8.  Returns 1, or 0
 * when one was queued before, the code is not allowed, or memory lacks. */
int dt_frames_close(dt_frames *f, unsigned code, const char *reason, size_t n);

/* What is to be sent now, '*n' bytes that stay until they are reported as
 * sent or another function is called; n 0: nothing. */
const char *dt_frames_output(dt_frames *f, size_t *n);
void dt_frames_sent(dt_frames *f, size_t n);

/* The code of the peer's close frame, DT_CLOSE_NO_CODE if it has none,
 * DT_CLOSE_LOST as long as there is no such frame; and its reason, which has a
 * NUL at the end and may hold others. */
unsigned dt_frames_code(const dt_frames *f);
const char *dt_frames_reason(const dt_frames *f, size_t *n);

/* Of a failed endpoint: why, in words. */
const char *dt_frames_problem(const dt_frames *f);

#pragma GCC visibility pop
#endif
