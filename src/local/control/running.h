#ifndef DL_CONTROL_RUNNING_H
#define DL_CONTROL_RUNNING_H

#include "datadir.h"

/* The file `running` of a data directory: the line that its server announced
 * itself by, for `daytona-local env`. The server has it locked, so a file that
 * one left behind that was killed is told from that of a live one. It has the
 * API key, and is for the server's user alone. */

#pragma GCC visibility push(hidden)

int dl_running_note(const dl_datadir *dir, const char *line);
void dl_running_forget(const dl_datadir *dir, int fd);
int dl_running_read(const char *data, char *line, size_t size);

#pragma GCC visibility pop

#endif
