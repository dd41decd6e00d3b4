#ifndef DL_CONTROL_LANDLOCK_H
#define DL_CONTROL_LANDLOCK_H

#pragma GCC visibility push(hidden)

void dl_landlock_keep(const char *const *readable, const char *writable);

#pragma GCC visibility pop

#endif
