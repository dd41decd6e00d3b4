/* How the background driver tells hosts that cannot watch a descriptor but can
 * connect to a unix socket, as nginx: who waits for a transfer connects, writes
 * its number, and gets one byte when the transfer is done or hungry.  Who goes
 * away instead, as a killed handler does, has lost interest in it.  The number
 * has 16 digits; "t" and 15 digits before it are milliseconds after which the
 * byte comes in any case.
 *
 * The socket has no name in the file system: it is reached by the descriptor
 * of its inode, and answers this process only. */
#ifndef dt_bell_h
#define dt_bell_h

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef struct dt_bell dt_bell;

/* What happened to a transfer of some number. */
typedef enum {
  DT_BELL_NOTHING,
  DT_BELL_ASKED, /* somebody waits for it, from now on */
  DT_BELL_LEFT   /* who waited for it has gone */
} dt_bell_event;

/* Makes a bell, to be freed by dt_bell_free.  Returns 0, or an errno. */
int dt_bell_new(dt_bell **bell);

/* What nginx connects to; lives as long as the bell. */
const char *dt_bell_address(const dt_bell *bell);

/* The descriptor that is readable when dt_bell_next has something to do. */
int dt_bell_fd(const dt_bell *bell);

/* Takes connections and questions; '*number' is the transfer's. */
dt_bell_event dt_bell_next(dt_bell *bell, unsigned long long *number);

/* Whether a connection could not be taken for lack of descriptors or memory:
 * dt_bell_next has then to be tried again after a while. */
bool dt_bell_is_stuck(const dt_bell *bell);

/* Answers those who do not want to wait longer than until 'now' (seconds, as
 * dt_sockets_now counts), and returns in how many seconds the next of them
 * does; 'most' if none does before. */
double dt_bell_ring_late(dt_bell *bell, double now, double most);

/* Answers who waits for that transfer, if anybody does. */
void dt_bell_ring(dt_bell *bell, unsigned long long number);

/* Hangs up on everybody, those who have just asked, too, and takes no more
 * connections; NULL is accepted.  Not in a child of a fork. */
void dt_bell_close(dt_bell *bell);

/* Gives everything back; NULL is accepted.  In a child of a fork, too, where
 * it takes nothing from the parent. */
void dt_bell_free(dt_bell *bell);

#pragma GCC visibility pop
#endif
