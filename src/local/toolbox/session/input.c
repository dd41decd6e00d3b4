#include "session.h"
#include "as.h"
#include "clock.h"
#include "fd.h"
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* Makes the input of a command that can be given some, unless that is done;
 * the lock is held. -1 with errno. */
int dl_command_open_input(dl_command *command) {
  if (command->input_fd >= 0)
    return 0;
  return dl_fifo_make(command, DL_FIFO_INPUT, &command->input_fd,
                      &command->input_end, false);
}

/* Whether there is a named pipe at this moment; the lock is held. One whose
 * end was told is late and not without a pipe. */
static bool has_pipe(const dl_command *command) {
  return command->state == DL_COMMAND_DONE
             ? command->is_told
             : command->state == DL_COMMAND_RUNNING && command->async &&
                   dl_clock_monotonic_ms() >= command->pipe_at;
}

/* A descriptor of the command's input for the caller alone, so that it stays
 * valid when the command completes meanwhile. */
static dl_command_input_result open_input(dl_command *command, int *fd,
                                          int *error) {
  dl_session *session = command->session;
  dl_command_input_result result = DL_COMMAND_INPUT_TAKEN;
  *fd = -1;
  pthread_mutex_lock(&session->lock);
  if (dl_as_now()->needs_pipe && !has_pipe(command))
    result = DL_COMMAND_INPUT_NOWHERE;
  else if (command->state == DL_COMMAND_DONE)
    result = DL_COMMAND_INPUT_LATE;
  else if (!command->async)
    result = DL_COMMAND_INPUT_CLOSED;
  else {
    if (dl_command_open_input(command) == 0)
      *fd = fcntl(command->input_fd, F_DUPFD_CLOEXEC, 3);
    if (*fd < 0) {
      *error = errno;
      result = DL_COMMAND_INPUT_FAILED;
    }
  }
  pthread_mutex_unlock(&session->lock);
  return result;
}

/* Writes all, waiting for the command to read as long as it runs. */
static dl_command_input_result write_input(dl_command *command,
                                           dl_command_watch *watch, int fd,
                                           const char *data, size_t len,
                                           int *error) {
  while (len > 0) {
    struct pollfd fds[2] = {{fd, POLLOUT, 0}, {watch->fd, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) {
      *error = errno;
      return DL_COMMAND_INPUT_FAILED;
    }
    bool done;
    int log_error;
    dl_command_progress(command, watch, &done, &log_error);
    if (done)
      return DL_COMMAND_INPUT_LATE;
    ssize_t n = write(fd, data, len);
    if (n > 0) {
      data += n;
      len -= (size_t)n;
    }
    else if (n < 0 && errno != EAGAIN && errno != EINTR) {
      *error = errno;
      return DL_COMMAND_INPUT_FAILED;
    }
  }
  return DL_COMMAND_INPUT_TAKEN;
}

/* What it was given stands in the log. */
static void show_input(dl_command *command, const char *data, size_t len) {
  dl_strbuf partial = {0};
  if (dl_as_now()->keeps_lines) {
    dl_lines_log(command, DT_MARKERS_STDOUT, &partial, data, len);
    dl_lines_end(command, DT_MARKERS_STDOUT, &partial);
  }
  else
    dl_command_log(command, DT_MARKERS_STDOUT, data, len);
}

dl_command_input_result dl_command_input(dl_command *command, const char *data,
                                         size_t len, int *error) {
  pthread_mutex_lock(&command->input_lock);
  int fd;
  dl_command_input_result result = open_input(command, &fd, error);
  dl_command_watch watch;
  if (result == DL_COMMAND_INPUT_TAKEN &&
      dl_command_watch_start(command, &watch)) {
    *error = errno;
    result = DL_COMMAND_INPUT_FAILED;
  }
  else if (result == DL_COMMAND_INPUT_TAKEN) {
    if (!command->is_muted)
      show_input(command, data, len);
    result = write_input(command, &watch, fd, data, len, error);
    dl_command_watch_stop(command, &watch);
  }
  dl_fd_close(&fd);
  pthread_mutex_unlock(&command->input_lock);
  return result;
}
