/* What a driver and its transfers consist of. */
#ifndef dt_driver_state_h
#define dt_driver_state_h

#include <stdbool.h>
#include <sys/types.h>

#include "../bytes/libcurl.h"
#include "../../wire/list.h"

#pragma GCC visibility push(hidden)

enum { DT_IDLE_HANDLES = 16 };

struct dt_background;

typedef struct dt_transfer dt_transfer;
typedef struct dt_link dt_link;     /* see link.h */
typedef struct dt_socket dt_socket; /* see sockets.h */

/* What differs between the kinds of transfers.  None may call Lua. */
typedef struct dt_transfer_kind {
  /* Whether it needs Lua now; called only where 'may_need_lua' is set. */
  bool (*needs_lua)(const dt_transfer *t);
  /* Lets it go on once it was fed; returns whether it had paused.  NULL: it
   * never pauses. */
  int (*resume)(dt_transfer *t);
  /* It has ended with this code: whether it goes on in another way, which it
   * then has begun.  May be NULL: never. */
  int (*goes_on)(dt_transfer *t, CURLcode code);
  /* It is about to leave the driver with this code.  May be NULL. */
  void (*ending)(dt_transfer *t, CURLcode code);
  /* It is about to be taken out of the CURLM: libcurl gives back what it keeps
   * for it.  May be NULL. */
  void (*leaving)(dt_transfer *t);
  /* It has left the driver and is about to be done.  May be NULL. */
  void (*ended)(dt_transfer *t);
  /* Whether all of it was sent, nothing of the answer has come, and it may be
   * sent again.  May be NULL: never. */
  bool (*is_repeatable)(const dt_transfer *t);
} dt_transfer_kind;

/* How a transfer was sent last. */
typedef struct dt_sending {
  dt_link *link;   /* NULL: not known, or closed */
  double at;       /* 0: it was not */
  long stream;     /* of HTTP/2; 0: none that is known of */
  bool is_reused;  /* the connection had carried others */
  bool is_refused; /* the server has said that it will not process it */
  bool ended;      /* the server had ended the connection when it was closed */
  unsigned peer;   /* the link's */
  bool is_lost;    /* the connection was given up, nothing was heard */
} dt_sending;

/* One transfer as the driver sees it; it belongs to whoever started it. */
struct dt_transfer {
  const dt_transfer_kind *kind;
  CURL *easy;               /* in the driver's CURLM, or NULL */
  struct dt_driver *driver; /* NULL when not live */
  dt_list_node live;        /* in the driver's list */
  CURLcode code;            /* valid when done */
  bool done;                /* see dt_driver_is_done */
  int tag;                  /* what ready.h reports it by; 0: nobody is told */
  bool is_ready;            /* stands in the driver's 'ready' list */
  dt_list_node ready;
  unsigned long long number; /* counts the transfers of a driver from 1 */
  dt_sending sending;
  int may_need_lua; /* see attention.h */
  /* Of the background driver: in its list; was reported for needing Lua. */
  dt_list_node announcement;
  int announced, reported;
};

/* What the thread of a background driver does in the place of the Lua thread,
 * see background.h. */
typedef struct dt_driver_hooks {
  void (*enter)(struct dt_background *b);
  void (*leave)(struct dt_background *b);
  void (*stop)(struct dt_background *b, dt_transfer *t);
  void (*finish)(struct dt_background *b, dt_transfer *t);
  void (*served)(struct dt_background *b, dt_transfer *t);
} dt_driver_hooks;

typedef struct dt_driver {
  CURLM *multi;
  /* Freed by the owner, after every handle: for most transfers, and, once
   * there was one, for those over HTTP/1.1 beside HTTP/2. */
  struct dt_share *share, *apart;
  pid_t pid; /* of the process that opened it */
  dt_list live;
  int count;         /* of live */
  CURL *warming;     /* owned: a request nobody waits for, see warmup.h */
  long http_version; /* of the latest answer, as libcurl has it; 0: none yet */
  CURL *idle[DT_IDLE_HANDLES]; /* easy handles kept for the next request */
  int idle_count;
  dt_list ready;                    /* tagged ones, first come first */
  unsigned long long started;       /* transfers so far */
  unsigned long long finished;      /* of these */
  struct dt_background *background; /* the thread that turns it, if any */
  const dt_driver_hooks *hooks;     /* of that */
  dt_list links;                    /* connections of 'multi' */
  struct dt_probe *probes;          /* under way */
  int doubts;               /* atomic: links that have not answered in time */
  double silence;           /* seconds after which a connection is given up */
  double beat_at, swept_at; /* see pulse.h */
  dt_list sockets;
  size_t socket_count, socket_room; /* how many there are, and fit into 'fds' */
  struct curl_waitfd *fds;
} dt_driver;

/* Whether it is finished.  With a background driver this is all of a live
 * transfer that may be looked at without entering it. */
static inline bool dt_driver_is_done(const dt_transfer *t) {
  return __atomic_load_n(&t->done, __ATOMIC_ACQUIRE);
}

#pragma GCC visibility pop
#endif
