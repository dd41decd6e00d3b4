#ifndef DL_CONTROL_FILE_COPY_H
#define DL_CONTROL_FILE_COPY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>

#define DL_FILE_COPY_BUFFER ((size_t)128 << 10)

#pragma GCC visibility push(hidden)

/* Whether a name that was there has vanished or become something else. */
bool dl_file_is_gone(int error);

/* Opens a file or directory for reading that its owner may have closed to
 * himself, without following a link. The mode is changed for the moment by a
 * descriptor: a name could mean another file by then. -1 with errno. */
int dl_file_open_own(int parent, const char *name);

/* Copies `size` bytes of a file into an empty one: shared with it where the
 * file system can do that, else without its holes. 0, or -1 with errno. */
int dl_file_copy_data(int in, int out, off_t size, char *buffer,
                      const atomic_bool *stop);

/* What a file is besides its bytes: extended attributes, mode, times. 0, or -1
 * with errno. */
int dl_file_copy_rest(int in, int out, const struct stat *st, char *buffer);

#pragma GCC visibility pop

#endif
