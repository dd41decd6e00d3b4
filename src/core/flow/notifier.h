/* How the background driver tells hosts that cannot watch a descriptor but can
 * connect to a unix socket, as nginx: who waits for a transfer connects, writes
 * its number, and gets one byte when the transfer is done or hungry.  Who goes
 * away instead, as a killed handler does, has lost interest in it.  The number
 * has 16 digits; "t" and 15 digits before it are milliseconds after which the
 * byte comes in any case.
 *
 * The socket has no name in the file system: it is reached by the descriptor
 * of its inode, and answers this process only. */
#ifndef dt_notifier_h
#define dt_notifier_h

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef struct dt_notifier dt_notifier;

/* What happened to a transfer of some number. */
typedef enum {
  DT_NOTIFIER_NOTHING,
  DT_NOTIFIER_ASKED, /* somebody waits for it, from now on */
  DT_NOTIFIER_LEFT   /* who waited for it has gone */
} dt_notifier_event;

/* Makes a notifier, to be freed by dt_notifier_free.  Returns 0, or an errno.
 */
int dt_notifier_new(dt_notifier **made);

/* What nginx connects to; lives as long as the notifier. */
const char *dt_notifier_address(const dt_notifier *notifier);

/* The descriptor that is readable when dt_notifier_next has something to do. */
int dt_notifier_fd(const dt_notifier *notifier);

/* Takes connections and questions; '*number' is the transfer's. */
dt_notifier_event dt_notifier_next(dt_notifier *notifier,
                                   unsigned long long *number);

/* Whether a connection could not be taken for lack of descriptors or memory:
 * dt_notifier_next has then to be tried again after a while. */
bool dt_notifier_is_stuck(const dt_notifier *notifier);

/* Answers those who do not want to wait longer than until 'now' (seconds, as
 * dt_sockets_now counts), and returns in how many seconds the next of them
 * does; 'most' if none does before. */
double dt_notifier_notify_late(dt_notifier *notifier, double now, double most);

/* Answers who waits for that transfer, if anybody does. */
void dt_notifier_notify(dt_notifier *notifier, unsigned long long number);

/* Hangs up on everybody, those who have just asked, too, and takes no more
 * connections; NULL is accepted.  Not in a child of a fork. */
void dt_notifier_close(dt_notifier *notifier);

/* Gives everything back; NULL is accepted.  In a child of a fork, too, where
 * it takes nothing from the parent. */
void dt_notifier_free(dt_notifier *notifier);

#pragma GCC visibility pop
#endif
