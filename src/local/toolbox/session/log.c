#include "session.h"
#include "fd.h"
#include "toolbox/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_PIECES 16
#define RAW (-1)

static int open_log(const dl_command *command, int flags) {
  char *path = dl_path_join(command->dir, "output.log");
  int fd = path ? open(path, flags | O_CLOEXEC) : -1;
  int saved = path ? errno : ENOMEM;
  free(path);
  errno = saved;
  return fd;
}

int dl_command_open_log(const dl_command *command) {
  return open_log(command, O_RDONLY);
}

void dl_command_notify(dl_command *command) {
  const uint64_t one = 1;
  dl_command_watch *watch;
  for (watch = command->watches; watch; watch = watch->next) {
    if (!watch->set && write(watch->fd, &one, sizeof one) > 0)
      watch->set = true;
  }
}

/* 0, or an errno value. */
static int write_pieces(dl_command *command, struct iovec *at, int n) {
  while (n > 0) {
    ssize_t done = writev(command->log_fd, at, n);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return errno;
    command->log_size += (uint64_t)done;
    for (; n > 0 && (size_t)done >= at->iov_len; at++, n--)
      done -= (ssize_t)at->iov_len;
    if (n > 0) {
      at->iov_base = (char *)at->iov_base + done;
      at->iov_len -= (size_t)done;
    }
  }
  return 0;
}

static int write_stream(dl_command *command, int stream, const char *data,
                        size_t len) {
  struct iovec pieces[MAX_PIECES];
  dt_markers_piece piece;
  int n, error = 0;
  do {
    for (n = 0; n < MAX_PIECES && dt_markers_write(&command->log_marks, stream,
                                                   &data, &len, &piece);
         n++) {
      pieces[n].iov_base = (char *)(uintptr_t)piece.data;
      pieces[n].iov_len = piece.length;
    }
    error = write_pieces(command, pieces, n);
  } while (error == 0 && n == MAX_PIECES);
  return error;
}

static int write_raw(dl_command *command, const char *data, size_t len) {
  struct iovec piece = {(char *)(uintptr_t)data, len};
  return write_pieces(command, &piece, 1);
}

/* Appends to the log, unless the command is done. If that cannot be, the log
 * ends here and `log_error` says why. `stream` RAW: what has its markers. */
static void append(dl_command *command, int stream, const char *data,
                   size_t len) {
  dl_session *session = command->session;
  pthread_mutex_lock(&session->lock);
  if (command->state != DL_COMMAND_DONE && command->log_error == 0) {
    if (command->log_fd < 0)
      command->log_fd = open_log(command, O_WRONLY | O_APPEND);
    command->log_error = command->log_fd < 0 ? errno
                         : stream == RAW
                             ? write_raw(command, data, len)
                             : write_stream(command, stream, data, len);
    dl_command_notify(command);
  }
  pthread_mutex_unlock(&session->lock);
}

void dl_command_log(dl_command *command, int stream, const char *data,
                    size_t len) {
  append(command, stream, data, len);
}

/* Appends bytes that have markers among them. */
void dl_command_log_raw(dl_command *command, const char *data, size_t len) {
  append(command, RAW, data, len);
}

int dl_command_watch_start(dl_command *command, dl_command_watch *watch) {
  dl_session *session = command->session;
  watch->fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
  watch->set = true;
  if (watch->fd < 0)
    return -1;
  pthread_mutex_lock(&session->lock);
  watch->next = command->watches;
  command->watches = watch;
  pthread_mutex_unlock(&session->lock);
  return 0;
}

void dl_command_watch_stop(dl_command *command, dl_command_watch *watch) {
  dl_session *session = command->session;
  pthread_mutex_lock(&session->lock);
  dl_command_watch **at;
  for (at = &command->watches; *at != watch; at = &(*at)->next)
    continue;
  *at = watch->next;
  pthread_mutex_unlock(&session->lock);
  dl_fd_close(&watch->fd);
}

uint64_t dl_command_progress(dl_command *command, dl_command_watch *watch,
                             bool *done, int *error) {
  dl_session *session = command->session;
  pthread_mutex_lock(&session->lock);
  uint64_t count;
  if (watch && watch->set && read(watch->fd, &count, sizeof count) > 0)
    watch->set = false;
  uint64_t size = command->log_size;
  *done = command->state == DL_COMMAND_DONE;
  *error = command->log_error;
  pthread_mutex_unlock(&session->lock);
  return size;
}
