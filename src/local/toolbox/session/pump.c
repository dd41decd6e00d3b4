#include "pump.h"
#include "as.h"
#include "clock.h"
#include "fd.h"
#include "toolbox/path.h"
#include "toolbox/process/processes.h"
#include "lines.h"
#include "toolbox/text.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A command's output comes by two pipes, its exit status, which only the shell
 * knows, by a third. All output has come when nobody has the other end any
 * more, background processes included; but a shell that keeps an end for itself
 * ("exec 3>&1") is not waited for. */

/* Enough for what is in a pipe at the moment, when its end is not waited for:
 * somebody could fill it for ever. */
#define LAST_READS 4

/* How long a shell takes that makes named pipes by programs. */
#define PIPE_MS 20

static const char *const stream_names[DL_PUMP_STREAMS] = {"out", "err"};

static int open_pipes(dl_pump *p) {
  dl_session *session = p->session;
  int i, rc = 0;
  for (i = 0; rc == 0 && i < DL_PUMP_STREAMS; i++)
    rc = dl_fifo_make(p->command, stream_names[i], &p->from[i], &p->hold[i],
                      true);
  if (rc == 0)
    rc = dl_fifo_make(p->command, DL_FIFO_STATUS, &p->status_fd, &p->status_end,
                      true);
  if (rc == 0 && p->command->async) {
    pthread_mutex_lock(&session->lock);
    rc = dl_command_open_input(p->command);
    pthread_mutex_unlock(&session->lock);
  }
  return rc;
}

static void add_fifo(dl_strbuf *script, const char *how,
                     const dl_command *command, const char *which) {
  char *path = dl_fifo_path(command, which);
  dl_strbuf_adds(script, how);
  if (path)
    dl_text_add_word(script, path);
  script->failed |= !path;
  free(path);
}

/* Has the shell read the command's script as if it were typed there, and then
 * tell how it ended. */
static int start_command(dl_pump *p) {
  const dl_command *command = p->command;
  char *path = dl_path_join(command->dir, "cmd.sh");
  dl_strbuf script = {0};
  int i, rc = -1;
  dl_strbuf_adds(&script, "{ .");
  if (path)
    dl_text_add_word(&script, path);
  script.failed |= !path;
  free(path);
  if (command->async)
    add_fifo(&script, "; } <", command, DL_FIFO_INPUT);
  else
    dl_strbuf_adds(&script, "; } </dev/null");
  for (i = 0; i < DL_PUMP_STREAMS; i++)
    add_fifo(&script, i == DL_PUMP_OUTPUT ? " >" : " 2>", command,
             stream_names[i]);
  add_fifo(&script, "; command echo \"$?\" >", command, DL_FIFO_STATUS);
  dl_strbuf_addc(&script, '\n');
  if (script.failed)
    errno = ENOMEM;
  else
    rc = dl_fd_write_all(p->session->script_fd, script.data, script.len);
  dl_strbuf_free(&script);
  return rc;
}

static int stream_of(int i) {
  return i == DL_PUMP_OUTPUT ? DT_MARKERS_STDOUT : DT_MARKERS_STDERR;
}

/* Nothing but the processes themselves can keep the streams open from now. */
static void know(dl_pump *p, int exit_code) {
  if (p->is_known)
    return;
  p->is_known = true;
  p->exit_code = exit_code;
  dl_fd_close(&p->hold[DL_PUMP_OUTPUT]);
  dl_fd_close(&p->hold[DL_PUMP_ERRORS]);
}

static void read_status(dl_pump *p) {
  char text[16];
  ssize_t n = read(p->status_fd, text, sizeof text - 1);
  if (n <= 0)
    return;
  text[n] = '\0';
  p->has_status = true;
  know(p, (int)strtol(text, NULL, 10) & 0xff);
}

/* A shell that ended took the command with it: they end alike. */
static void note_end(dl_pump *p) {
  int status = dl_children_status(&p->session->shell);
  dl_session *session = p->session;
  p->is_gone = true;
  pthread_mutex_lock(&session->lock);
  session->exit_code =
      WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  pthread_mutex_unlock(&session->lock);
  if (p->command) {
    read_status(p);
    know(p, session->exit_code);
  }
}

/* False if there is nothing to read, now or ever. */
static bool read_stream(dl_pump *p, int i) {
  ssize_t n = read(p->from[i], p->buffer, sizeof p->buffer);
  if (n > 0 && dl_as_now()->keeps_lines)
    dl_lines_log(p->command, stream_of(i), &p->partial[i], p->buffer,
                 (size_t)n);
  else if (n > 0)
    dl_command_log(p->command, stream_of(i), p->buffer, (size_t)n);
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    dl_fd_close(&p->from[i]);
  return n > 0;
}

/* What the shell writes there later belongs to no command; without a reader it
 * would be killed for writing. */
static void drop_kept(dl_pump *p, int i) {
  ssize_t n = read(p->kept[i], p->buffer, sizeof p->buffer);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
    dl_fd_close(&p->kept[i]);
}

/* Stops waiting for the end of streams that the shell itself keeps open. */
static void let_shell_keep(dl_pump *p) {
  for (int i = 0; i < DL_PUMP_STREAMS; i++) {
    if (p->from[i] < 0 ||
        !dl_processes_has_open(p->session->shell.pid, p->from[i]))
      continue;
    for (int reads = 0; reads < LAST_READS && read_stream(p, i); reads++)
      continue;
    if (p->from[i] < 0)
      continue;
    dl_fd_close(&p->kept[i]);
    p->kept[i] = p->from[i];
    p->from[i] = -1;
  }
}

/* Waits for something to happen and sees to it. */
static void turn(dl_pump *p, int timeout_ms) {
  dl_session *session = p->session;
  struct pollfd fds[] = {{p->is_gone ? -1 : session->shell.exit_fd, POLLIN, 0},
                         {session->wake_fd, POLLIN, 0},
                         {p->is_known ? -1 : p->status_fd, POLLIN, 0},
                         {p->from[DL_PUMP_OUTPUT], POLLIN, 0},
                         {p->from[DL_PUMP_ERRORS], POLLIN, 0},
                         {p->kept[DL_PUMP_OUTPUT], POLLIN, 0},
                         {p->kept[DL_PUMP_ERRORS], POLLIN, 0}};
  if (poll(fds, sizeof fds / sizeof *fds, timeout_ms) < 0)
    return;
  uint64_t count;
  if (fds[1].revents && read(session->wake_fd, &count, sizeof count) < 0)
    errno = 0; /* somebody else's wake was the same */
  if (fds[2].revents)
    read_status(p);
  if (fds[0].revents)
    note_end(p);
  for (int i = 0; i < DL_PUMP_STREAMS; i++) {
    if (fds[3 + i].revents || (p->is_known && p->from[i] >= 0))
      read_stream(p, i);
    if (fds[5 + i].revents)
      drop_kept(p, i);
  }
}

static void pump_output(dl_pump *p) {
  bool looked = false;
  while (!p->is_known || p->from[DL_PUMP_OUTPUT] >= 0 ||
         p->from[DL_PUMP_ERRORS] >= 0) {
    bool last = p->is_gone && dl_session_is_deleted(p->session);
    if (last && p->reads_left-- == 0)
      break;
    turn(p, last ? 0 : -1);
    if (p->is_known && !p->is_gone && !looked) {
      looked = true;
      let_shell_keep(p);
    }
  }
}

static void close_pipes(dl_pump *p) {
  for (int i = 0; i < DL_PUMP_STREAMS; i++) {
    dl_fifo_remove(p->command, stream_names[i]);
    dl_fd_close(&p->from[i]);
    dl_fd_close(&p->hold[i]);
  }
  dl_fifo_remove(p->command, DL_FIFO_STATUS);
  dl_fd_close(&p->status_fd);
  dl_fd_close(&p->status_end);
}

static void set_running(dl_command *command) {
  pthread_mutex_lock(&command->session->lock);
  command->state = DL_COMMAND_RUNNING;
  command->was_run = true;
  command->pipe_at = dl_clock_monotonic_ms() + PIPE_MS;
  pthread_mutex_unlock(&command->session->lock);
}

int dl_pump_run(dl_pump *p, dl_command *command) {
  p->command = command;
  p->is_known = false;
  p->has_status = false;
  p->reads_left = LAST_READS;
  int rc = open_pipes(p) ? -1 : start_command(p);
  int saved = errno;
  if (rc == 0) {
    set_running(command);
    pump_output(p);
    for (int i = 0; i < DL_PUMP_STREAMS; i++)
      dl_lines_end(command, stream_of(i), &p->partial[i]);
  }
  close_pipes(p);
  p->command = NULL;
  errno = saved;
  return rc;
}

void dl_pump_wait(dl_pump *p, int timeout_ms) {
  turn(p, timeout_ms);
}

dl_pump *dl_pump_new(dl_session *session) {
  dl_pump *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  p->session = session;
  for (int i = 0; i < DL_PUMP_STREAMS; i++)
    p->from[i] = p->hold[i] = p->kept[i] = -1;
  p->status_fd = p->status_end = -1;
  return p;
}

void dl_pump_free(dl_pump *p) {
  dl_fd_close(&p->kept[DL_PUMP_OUTPUT]);
  dl_fd_close(&p->kept[DL_PUMP_ERRORS]);
  free(p);
}
