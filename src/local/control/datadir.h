#ifndef DL_CONTROL_DATADIR_H
#define DL_CONTROL_DATADIR_H

#include <sys/types.h>

#include "options.h"
#include "reserve.h"

/* The data directory of a server:
 *   lock  api-key  state.db
 *   bin/daytona-local      what sandboxes run
 *   links/python           python3, for those without isolation
 *   etc/passwd, etc/group  theirs
 *   sandboxes/ID/home      their homes; archive/ID/home when archived
 *   sandboxes/ID/tmp, /var-tmp   their /tmp and /var/tmp, beside the home
 *   volumes/ID             what is shared by those that mount it
 *   snapshots/ID/home      copies of homes, and what is beside them
 *   copies/                copies that are being made
 *   run/ID                 where their toolboxes listen
 *   trash/                 what is being removed
 *   running                what the server that runs says of itself
 *   reserve                room that is given back when the disk is full */
typedef struct dl_datadir {
  char *path; /* absolute, without symbolic links */
  int fd;
  int lock_fd;
} dl_datadir;

#pragma GCC visibility push(hidden)

/* Makes the data directory ready and locks it. Started as root, this process
 * is the service user afterwards, for good: bubblewrap must never be started
 * by root (its user would be the real root outside). The program's own file is
 * opened before, since that user may not be able to reach it. 0, or -1 after a
 * message on stderr; dl_datadir_close in any case. */
int dl_datadir_open(dl_datadir *dir, dl_reserve *reserve,
                    const dl_options *options);

/* Releases the lock and what was allocated. */
void dl_datadir_close(dl_datadir *dir);

/* Makes a file of everybody's with that text, unless it is there already. 0,
 * or -1 after a message on stderr. */
int dl_datadir_place_text(const dl_datadir *dir, const char *name,
                          const char *text);

/* The absolute path of something in there, to be freed; NULL without
 * memory. */
char *dl_datadir_path(const dl_datadir *dir, const char *relative);

/* Writes a text file into it, whole or not at all. 0, or -1 after a message on
 * stderr. */
int dl_datadir_place(const dl_datadir *dir, const char *name, mode_t mode,
                     const char *text);

/* Says on stderr what became of `what` in there, by errno. */
void dl_datadir_fail(const dl_datadir *dir, const char *what);

/* The key kept in the directory, made at the first call. To be freed; NULL
 * after a message on stderr. */
char *dl_datadir_api_key(const dl_datadir *dir);

#pragma GCC visibility pop

#endif
