#ifndef DL_CONTROL_LANDLOCK_H
#define DL_CONTROL_LANDLOCK_H

#pragma GCC visibility push(hidden)

/* Takes from this process and all that it will execute every right to files but
 * reading what is beneath `readable` (up to a NULL), and reading and writing
 * the one file `writable`. What is open stays so. Needs no-new-privileges;
 * where the kernel has no Landlock nothing changes. */
void dl_landlock_keep(const char *const *readable, const char *writable);

#pragma GCC visibility pop

#endif
