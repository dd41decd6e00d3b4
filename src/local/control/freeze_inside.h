#ifndef DL_CONTROL_FREEZE_INSIDE_H
#define DL_CONTROL_FREEZE_INSIDE_H

#include <sys/types.h>

#pragma GCC visibility push(hidden)

int dl_freeze_inside(pid_t member);

#pragma GCC visibility pop

#endif
