/* Messages that came, until Lua takes them. */
#ifndef dt_inbox_h
#define dt_inbox_h

#include "../../wire/frames.h"
#include "../../wire/queue.h"

#pragma GCC visibility push(hidden)

enum { DT_INBOX_PART = 64 * 1024 }; /* parts are put together up to that */

/* Empty when all zero. */
typedef struct dt_inbox {
  dt_queue bytes; /* parts, each behind its size and what it is */
  size_t last;    /* of 'bytes': the part added last and what describes it */
} dt_inbox;

typedef struct dt_inbox_part {
  size_t length;
  dt_frames_kind kind;
  int final; /* the message ends with it */
} dt_inbox_part;

/* Adds bytes of a message.  Returns whether there was memory. */
int dt_inbox_add(dt_inbox *in, dt_frames_kind kind, const char *data, size_t n,
                 int final);

/* The first part, whose data stand at the address returned until the inbox is
 * used again; NULL if there is none. */
const char *dt_inbox_first(const dt_inbox *in, dt_inbox_part *part);

/* Takes the first part away. */
void dt_inbox_drop(dt_inbox *in);

#pragma GCC visibility pop
#endif
