#ifndef DL_FRONT_KEPT_H
#define DL_FRONT_KEPT_H

/* Connections to toolboxes on which an exchange is complete and the next one
 * may follow: for a while they wait for it, so that a short command does not
 * pay for a new connection and its thread. */

#pragma GCC visibility push(hidden)

int dl_kept_take(const char *id);
void dl_kept_give(const char *id, int fd);
void dl_kept_drop(const char *id);
void dl_kept_expire(void);

#pragma GCC visibility pop

#endif
