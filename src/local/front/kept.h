#ifndef DL_FRONT_KEPT_H
#define DL_FRONT_KEPT_H

/* Connections to toolboxes on which an exchange is complete and the next one
 * may follow: for a while they wait for it, so that a short command does not
 * pay for a new connection and its thread. */

#pragma GCC visibility push(hidden)

/* A connection to the sandbox's toolbox on which nothing is under way, which
 * the caller then owns; -1 if there is none. */
int dl_kept_take(const char *id);

/* Takes over the connection: keeps it, or closes it where there are enough. */
void dl_kept_give(const char *id, int fd);

/* Closes all connections to that sandbox, which has ended. */
void dl_kept_drop(const char *id);

/* Closes those that have waited long enough. Each costs its toolbox a thread.
 */
void dl_kept_expire(void);

#pragma GCC visibility pop

#endif
