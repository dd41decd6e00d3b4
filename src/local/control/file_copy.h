#ifndef DL_CONTROL_FILE_COPY_H
#define DL_CONTROL_FILE_COPY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

#define DL_FILE_COPY_BUFFER ((size_t)128 << 10)

#pragma GCC visibility push(hidden)

bool dl_file_is_gone(int error);
int dl_file_open_own(int parent, const char *name);
int dl_file_copy_data(int in, int out, off_t size, char *buffer,
                      const atomic_bool *stop);
int dl_file_copy_rest(int in, int out, const struct stat *st, char *buffer);

#pragma GCC visibility pop

#endif
