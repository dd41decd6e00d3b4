/* The background driver: one thread turns the step that the Lua thread turns
 * otherwise.  Everything live is shared under one lock; what is finished is
 * announced by a readable descriptor and a list. */
#ifndef dt_background_h
#define dt_background_h

#include <stdbool.h>

#include "driver_state.h"

#pragma GCC visibility push(hidden)

typedef struct dt_background dt_background;

/* How a host hears of announced transfers: by a descriptor, or by connecting
 * to a notifier (see notifier.h). */
typedef enum { DT_BY_DESCRIPTOR, DT_BY_NOTIFIER } dt_background_way;

/* Makes a thread turn 'd', from now until dt_background_join.  Returns 0, with
 * 'd->background' and its hooks set, or an errno. */
int dt_background_start(dt_driver *d, dt_background_way way);

/* Whether the thread lives in this process; after a fork nothing else here may
 * be called in the child. */
bool dt_background_is_here(const dt_background *b);

/* Waits until the transfer (NULL: any) is announced, at most 'seconds'. */
void dt_background_wait(dt_background *b, const dt_transfer *t, double seconds);

/* The number of a transfer that was announced, which leaves the list; 0 if
 * there is none, and the descriptor is then no longer readable. */
unsigned long long dt_background_next(dt_background *b);

/* The descriptor that is readable while the list holds something; -1 if hosts
 * hear of it otherwise. */
int dt_background_fd(const dt_background *b);

/* What to connect to for waiting; NULL if hosts hear of it otherwise. */
const char *dt_background_address(const dt_background *b);

/* Ends the thread; what is live stays as it is.  Harmless the second time. */
void dt_background_join(dt_background *b);

/* Frees what the other process has no part in; after dt_background_join, or
 * in a child of the process that has the thread. */
void dt_background_free(dt_background *b);

#pragma GCC visibility pop
#endif
