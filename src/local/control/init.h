#ifndef DL_CONTROL_INIT_H
#define DL_CONTROL_INIT_H

#pragma GCC visibility push(hidden)

int dl_init_enter(void);

#pragma GCC visibility pop

#endif
