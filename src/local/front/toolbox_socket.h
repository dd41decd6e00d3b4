#ifndef DL_FRONT_TOOLBOX_SOCKET_H
#define DL_FRONT_TOOLBOX_SOCKET_H

#include <stdbool.h>

#include "control/datadir.h"

/* Where a sandbox's toolbox listens: run/ID in the data directory, which no
 * sandbox sees. So a name stands for one sandbox for ever, and nobody can take
 * the place of one that is stopped. */

#pragma GCC visibility push(hidden)

int dl_toolbox_socket_listen(const dl_datadir *dir, const char *id);
int dl_toolbox_socket_connect(const dl_datadir *dir, const char *id,
                              bool again);
void dl_toolbox_socket_remove(const dl_datadir *dir, const char *id);
void dl_toolbox_socket_clear(const dl_datadir *dir);

#pragma GCC visibility pop

#endif
