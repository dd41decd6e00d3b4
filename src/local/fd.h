#ifndef DL_FD_H
#define DL_FD_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Closes a descriptor, unless it is -1, which it is afterwards. errno stays as
 * it was. */
void dl_fd_close(int *fd);

/* Makes a pipe of which one end, `ours`, never blocks. -1 with errno. */
int dl_fd_pipe(int *ours, int *theirs, bool we_read);

/* Lets a unix socket hold a mebibyte of what is sent and not read, or as much
 * as the kernel allows: with less, sender and reader of a large body wake each
 * other for every piece. */
void dl_fd_widen(int fd);

/* Writes all bytes. 0, or -1 with errno. */
int dl_fd_write_all(int fd, const char *data, size_t len);

/* Makes descriptors the numbers 3, 4 and on, in their order, for a program that
 * is executed next; all others above 2 are closed (a -1 leaves its number
 * closed). Safe after fork in a program with threads. 0, or -1 with errno. */
int dl_fd_place(int *fds, int count);

#pragma GCC visibility pop

#endif
