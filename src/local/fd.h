#ifndef DL_FD_H
#define DL_FD_H

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

void dl_fd_close(int *fd);
int dl_fd_pipe(int *ours, int *theirs, bool we_read);
void dl_fd_widen(int fd);
int dl_fd_write_all(int fd, const char *data, size_t len);
int dl_fd_place(int *fds, int count);

#pragma GCC visibility pop

#endif
