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

int dl_datadir_open(dl_datadir *dir, dl_reserve *reserve,
                    const dl_options *options);
void dl_datadir_close(dl_datadir *dir);
int dl_datadir_place_text(const dl_datadir *dir, const char *name,
                          const char *text);
char *dl_datadir_path(const dl_datadir *dir, const char *relative);
int dl_datadir_place(const dl_datadir *dir, const char *name, mode_t mode,
                     const char *text);
void dl_datadir_fail(const dl_datadir *dir, const char *what);
char *dl_datadir_api_key(const dl_datadir *dir);

#pragma GCC visibility pop

#endif
