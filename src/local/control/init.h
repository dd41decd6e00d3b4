#ifndef DL_CONTROL_INIT_H
#define DL_CONTROL_INIT_H

#pragma GCC visibility push(hidden)

/* Forks. This process, what bubblewrap's first process is elsewhere, adopts
 * and reaps every process of the sandbox; when the child has ended, or at
 * SIGTERM, it kills all that is left and exits with the child's status. Only
 * the child returns, with 0; -1 if there is none, after a message. */
int dl_init_enter(void);

#pragma GCC visibility pop

#endif
