#include "fd.h"
#include "session.h"
#include "toolbox/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A shell opens the pipes of a command by name. Names in /proc would cost
 * less, but nobody may look into the toolbox there. */

/* In the memory of the sandbox; there is none without isolation. */
#define MEMORY "/run"

/* The path of one of a command's named pipes, to be freed; NULL without
 * memory. */
char *dl_fifo_path(const dl_command *command, const char *which) {
  dl_strbuf path = {0};
  if (access(MEMORY, W_OK) == 0)
    dl_strbuf_addf(&path, MEMORY "/daytona-%s.%s", command->id, which);
  else
    dl_strbuf_addf(&path, "%s/%s", command->dir, which);
  return dl_strbuf_detach(&path);
}

int dl_fifo_make(const dl_command *command, const char *which, int *ours,
                 int *theirs, bool we_read) {
  const int flags = O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW;
  char *path = dl_fifo_path(command, which);
  int reader = -1, writer = -1;
  if (!path) {
    errno = ENOMEM;
    return -1;
  }
  unlink(path);
  if (mkfifo(path, 0600) == 0)
    reader = open(path, O_RDONLY | flags);
  if (reader >= 0)
    writer = open(path, O_WRONLY | flags);
  if (writer < 0)
    dl_fd_close(&reader);
  free(path);
  *ours = we_read ? reader : writer;
  *theirs = we_read ? writer : reader;
  return writer < 0 ? -1 : 0;
}

void dl_fifo_remove(const dl_command *command, const char *which) {
  char *path = dl_fifo_path(command, which);
  int saved = errno;
  if (path)
    unlink(path);
  free(path);
  errno = saved;
}
