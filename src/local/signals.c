#include "signals.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_SET (_NSIG / 8) /* bytes of a set of signals */

/* Sets every signal to its default, in a child that will be another program:
 * what is ignored would stay so there. The kernel is asked itself, because the
 * C library hides the two signals that are its own, and has them ignored in
 * what popen and its like start. */
void dl_signals_reset(void) {
  static const unsigned long normal[8]; /* whatever the struct looks like */
  int number;
  for (number = 1; number < _NSIG; number++)
    syscall(SYS_rt_sigaction, number, normal, NULL, (size_t)KERNEL_SET);
}
