#ifndef DL_CONTROL_FREEZE_H
#define DL_CONTROL_FREEZE_H

#include <stdbool.h>
#include <sys/types.h>

/* A sandbox that is being frozen, or is frozen. */
typedef struct dl_freeze dl_freeze;

enum { DL_FREEZE_FAILED = -1, DL_FREEZE_NOT_YET = 0, DL_FREEZE_DONE = 1 };

#pragma GCC visibility push(hidden)

dl_freeze *dl_freeze_begin(const char *id, pid_t pid);
int dl_freeze_step(dl_freeze *freeze);
void dl_freeze_thaw(dl_freeze *freeze);
void dl_freeze_free(dl_freeze *freeze);

#pragma GCC visibility pop

#endif
