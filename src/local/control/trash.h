#ifndef DL_CONTROL_TRASH_H
#define DL_CONTROL_TRASH_H

/* Removes homes in the background. A removed home is first moved into the
 * trash directory, which is one step however big it is; what is left there
 * when the server ends is removed by the next one. */
typedef struct dl_trash dl_trash;

#pragma GCC visibility push(hidden)

dl_trash *dl_trash_open(int data_fd);
void dl_trash_close(dl_trash *trash);
int dl_trash_take(dl_trash *trash, const char *directory, const char *id);

#pragma GCC visibility pop

#endif
