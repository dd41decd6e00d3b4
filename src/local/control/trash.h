#ifndef DL_CONTROL_TRASH_H
#define DL_CONTROL_TRASH_H

/* Removes homes in the background. A removed home is first moved into the
 * trash directory, which is one step however big it is; what is left there
 * when the server ends is removed by the next one. */
typedef struct dl_trash dl_trash;

#pragma GCC visibility push(hidden)

/* Starts to empty the trash of the data directory, which stays the caller's
 * and must outlive it. NULL with errno when that cannot be. */
dl_trash *dl_trash_open(int data_fd);

/* Stops, leaving what is left for the next server. NULL is fine. */
void dl_trash_close(dl_trash *trash);

/* Throws DIRECTORY/ID of the data directory away; one that is not there is
 * fine. 0, or -1 with errno. Nothing may work in it any more. */
int dl_trash_take(dl_trash *trash, const char *directory, const char *id);

#pragma GCC visibility pop

#endif
