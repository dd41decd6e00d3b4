#ifndef DL_CONTROL_RUNNING_H
#define DL_CONTROL_RUNNING_H

#include "datadir.h"

/* The file `running` of a data directory: the line that its server announced
 * itself by, for `daytona-local env`. The server has it locked, so a file that
 * one left behind that was killed is told from that of a live one. It has the
 * API key, and is for the server's user alone. */

#pragma GCC visibility push(hidden)

/* Leaves the line in the data directory while this process lives. A descriptor
 * for dl_running_forget, or -1 after a message on stderr. */
int dl_running_note(const dl_datadir *dir, const char *line);

/* Removes the file; `fd` is what dl_running_note gave. */
void dl_running_forget(const dl_datadir *dir, int fd);

/* Reads the line of the server that runs on the data directory `data` as a
 * string. 0; -1 with errno, which is ESRCH where none runs. */
int dl_running_read(const char *data, char *line, size_t size);

#pragma GCC visibility pop

#endif
