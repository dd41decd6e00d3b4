#ifndef DL_SIGNALS_H
#define DL_SIGNALS_H

#pragma GCC visibility push(hidden)

void dl_signals_reset(void);

#pragma GCC visibility pop

#endif
