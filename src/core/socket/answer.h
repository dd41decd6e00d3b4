/* The answer to a WebSocket handshake, which libcurl leaves to us to read. */
#ifndef dt_answer_h
#define dt_answer_h

#include <stdbool.h>

#include "../flow/request_state.h"

#pragma GCC visibility push(hidden)

enum { DT_ANSWER_LINE = 8192 };

typedef enum {
  DT_ANSWER_STATUS, /* the status line comes next, or is under way */
  DT_ANSWER_HEADER,
  DT_ANSWER_LENGTH, /* 'left' bytes of the body */
  DT_ANSWER_CHUNK,
  DT_ANSWER_CHUNK_SIZE,
  DT_ANSWER_CHUNK_END,
  DT_ANSWER_TRAILER,
  DT_ANSWER_TO_END, /* body until the connection ends */
  DT_ANSWER_COMPLETE,
  DT_ANSWER_BROKEN /* not HTTP, or more than can be read */
} dt_answer_state;

/* Empty when all zero. */
typedef struct dt_answer {
  dt_answer_state state;
  long status; /* of the head that was read last, 0: none */
  int upgrades, connection_upgrades, extended, chunked;
  long long left; /* of a body or chunk; -1: not said */
  char accept[64];
  char subprotocol[512];
  char content_type[128];
  char location[512];
  char line[DT_ANSWER_LINE];
  size_t length; /* of the line so far */
} dt_answer;

/* Takes bytes that came; the body goes to the request's error body and is cut
 * there, headers are noted as libcurl's are.  Returns how many of the 'n' bytes
 * belong to the answer: all, or fewer once it is complete. */
size_t dt_answer_feed(dt_answer *a, dt_request *r, const char *bytes, size_t n);

/* The connection has ended: a body that was under way is taken as it is. */
void dt_answer_end(dt_answer *a);

static inline bool dt_answer_is_over(const dt_answer *a) {
  return a->state >= DT_ANSWER_COMPLETE;
}

#pragma GCC visibility pop
#endif
