#ifndef DL_TOOLBOX_INTERPRETER_H
#define DL_TOOLBOX_INTERPRETER_H

#include "clock.h"
#include "crypto.h"
#include "toolbox/daemon.h"
#include "toolbox/process/children.h"

#include <poll.h>

/* Python interpreters that keep their state: contexts, each with a worker
 * process that runs one piece of code after the other. */

#define DL_CONTEXT_DEFAULT "default"

/* A worker process; all descriptors are ours and do not block. */
typedef struct dl_interpreter {
  dl_child child;
  int channel; /* requests go in, messages about their ends come out */
  int out;     /* what the code prints */
  int err;
} dl_interpreter;

/* A place in the queue of a context. */
typedef struct dl_turn {
  struct dl_turn *next;
  int fd; /* eventfd: it has come, or the context was deleted */
} dl_turn;

typedef struct dl_context {
  const dl_toolbox *toolbox;
  char id[DL_CRYPTO_UUID];
  char *cwd;
  char created_at[DL_CLOCK_TEXT];

  /* Under the lock of interpreter.c. */
  struct dl_context *next;
  unsigned refs;
  bool deleted;
  dl_turn *turns; /* the first one has its turn */

  dl_interpreter *worker; /* of who has the turn; NULL: none was started yet */
} dl_context;

#pragma GCC visibility push(hidden)

/* interpreter.c */
dl_context *dl_context_make(const dl_toolbox *toolbox, const char *id,
                            const char *cwd);

/* The same, with its worker started before. 0, or an errno value. */
int dl_context_add(dl_context *context);

/* The context with this id, to be given back by dl_context_unref. The default
 * one is made when it is first looked for: a worker that nobody needs would
 * only make sandboxes start later. NULL if there is none, or no memory. */
dl_context *dl_context_find(const dl_toolbox *toolbox, const char *id);

/* Gives a reference back; NULL is fine. */
void dl_context_unref(dl_context *context);

/* Takes the context away; who runs code in it or waits for that is woken.
 * False if there is none. */
bool dl_context_delete(const char *id);

/* A context as the API describes it. NULL without memory. */
json_t *dl_context_info(const dl_context *context);

/* All contexts so, but for the default one. */
json_t *dl_context_list(void);

/* Queues for the context: turn->fd is readable when the turn has come, or the
 * context is deleted. 0, or an errno value; after 0 dl_context_leave has to be
 * called. */
int dl_context_queue(dl_context *context, dl_turn *turn);

/* Whether the turn has come. Clears turn->fd, which from then on only tells
 * that the context is deleted. */
bool dl_context_has_turn(const dl_context *context, dl_turn *turn);

/* Whether the context is deleted. */
bool dl_context_deleted(const dl_context *context);

/* Leaves the queue; the next one has its turn. */
void dl_context_leave(dl_context *context, dl_turn *turn);

/* worker.c */
int dl_interpreter_start(dl_context *context);

/* Kills the worker, if there is one, with all that it has started. For the
 * same as above. */
void dl_interpreter_stop(dl_context *context);

/* execute.c, routes.c */
void dl_interpreter_execute(dl_http_request *req);

/* POST /process/interpreter/context */
void dl_interpreter_create(dl_http_request *req);

/* GET /process/interpreter/context */
void dl_interpreter_list(dl_http_request *req);

/* DELETE /process/interpreter/context/{id} */
void dl_interpreter_delete(dl_http_request *req);

#pragma GCC visibility pop

#endif
