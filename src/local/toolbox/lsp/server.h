#ifndef DL_LSP_SERVER_H
#define DL_LSP_SERVER_H

#include "frames.h"
#include "lsp.h"
#include "toolbox/process/children.h"

/* Who waits for the answer to a request. */
typedef struct dl_lsp_waiter {
  struct dl_lsp_waiter *next;
  json_int_t id;
  json_t *answer; /* the whole message, once it is there */
} dl_lsp_waiter;

struct dl_lsp_server {
  pthread_mutex_t lock; /* of all that follows, but for the thread's own */
  pthread_cond_t changed;
  unsigned refs;
  enum { DL_LSP_STARTING, DL_LSP_READY, DL_LSP_FAILED } state;
  bool stopping; /* it is to end */
  bool ended;    /* nothing of it is left */
  json_int_t last_id;
  dl_lsp_waiter *waiters;
  json_t *documents; /* that are open: an object whose keys are their URIs */
  dl_strbuf out;     /* what it is to be told */
  size_t told;       /* of these, from the start */
  int wake;          /* eventfd: there is more to tell, or it is to end */

  /* The thread's own. */
  dl_child child;
  int input; /* its standard input; ours do not block */
  int output;
  dl_lsp_frames frames;
};

#pragma GCC visibility push(hidden)

/* call.c */
int dl_lsp_say(dl_lsp_server *server, json_t *message);
bool dl_lsp_take(dl_lsp_server *server, const char *text, size_t len);

#pragma GCC visibility pop

#endif
