#ifndef DL_SIGNALS_H
#define DL_SIGNALS_H

#pragma GCC visibility push(hidden)

/* Sets every signal to its default, in a child that will be another program:
 * what is ignored would stay so there. The kernel is asked itself, because the
 * C library hides the two signals that are its own, and has them ignored in
 * what popen and its like start. */
void dl_signals_reset(void);

#pragma GCC visibility pop

#endif
