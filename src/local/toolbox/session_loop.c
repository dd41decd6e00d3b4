#include "session.h"
#include "fd.h"
#include "path.h"
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The thread of a session. A command's output comes by two pipes, its exit
 * status, which only the shell knows, by a third. All output has come when
 * nobody has the other end any more, background processes included. */

#define READ_SIZE ((size_t)64 << 10)
#define STACK_SIZE ((size_t)512 << 10)
/* What is left in the pipes when a deleted session's shell is gone: whoever
 * escaped could fill them for ever. */
#define LAST_READS 4

enum { OUTPUT, ERRORS, STREAMS };

typedef struct pump {
  dl_session *session;
  dl_command *command;
  char *buffer; /* READ_SIZE bytes */
  int from[STREAMS];
  int hold[STREAMS]; /* our own ends for writing: no end before the status */
  int status_fd;
  int status_end;
  bool is_known; /* the exit code is */
  int exit_code;
  bool is_gone; /* the shell is */
  int reads_left;
} pump;

/* A pipe of which one end, `ours`, never blocks. -1 with errno. */
static int make_pipe(int *ours, int *theirs, bool we_read) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC))
    return -1;
  *ours = ends[we_read ? 0 : 1];
  *theirs = ends[we_read ? 1 : 0];
  return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

/* Makes the input of a command that can be given some, unless that is done;
 * the lock is held. -1 with errno. */
int dl_command_open_input(dl_command *command) {
  if (command->input_fd >= 0)
    return 0;
  return make_pipe(&command->input_fd, &command->input_end, false);
}

static int open_pipes(pump *p) {
  dl_session *session = p->session;
  int i, rc = 0;
  for (i = 0; rc == 0 && i < STREAMS; i++)
    rc = make_pipe(&p->from[i], &p->hold[i], true);
  if (rc == 0)
    rc = make_pipe(&p->status_fd, &p->status_end, true);
  if (rc == 0 && p->command->async) {
    pthread_mutex_lock(&session->lock);
    rc = dl_command_open_input(p->command);
    pthread_mutex_unlock(&session->lock);
  }
  return rc;
}

static void add_fd(dl_strbuf *script, const char *how, int fd) {
  dl_strbuf_addf(script, "%s/proc/%d/fd/%d", how, (int)getpid(), fd);
}

/* Has the shell read the command's script as if it were typed there, and then
 * tell how it ended. The shell opens our pipes by their names in /proc, which
 * costs less than named pipes on a disk. */
static int start_command(pump *p) {
  const dl_command *command = p->command;
  char *path = dl_path_join(command->dir, "cmd.sh");
  dl_strbuf script = {0};
  int rc = -1;
  dl_strbuf_adds(&script, "{ .");
  if (path)
    dl_shell_add_word(&script, path);
  script.failed |= !path;
  free(path);
  if (command->async)
    add_fd(&script, "; } <", command->input_end);
  else
    dl_strbuf_adds(&script, "; } </dev/null");
  add_fd(&script, " >", p->hold[OUTPUT]);
  add_fd(&script, " 2>", p->hold[ERRORS]);
  add_fd(&script, "; command echo \"$?\" >", p->status_end);
  dl_strbuf_addc(&script, '\n');
  if (script.failed)
    errno = ENOMEM;
  else
    rc = dl_fd_write_all(p->session->script_fd, script.data, script.len);
  dl_strbuf_free(&script);
  return rc;
}

/* Nothing but the processes themselves can keep the streams open from now. */
static void know(pump *p, int exit_code) {
  if (p->is_known)
    return;
  p->is_known = true;
  p->exit_code = exit_code;
  dl_fd_close(&p->hold[OUTPUT]);
  dl_fd_close(&p->hold[ERRORS]);
}

static void read_status(pump *p) {
  char text[16];
  ssize_t n = read(p->status_fd, text, sizeof text - 1);
  if (n <= 0)
    return;
  text[n] = '\0';
  know(p, (int)strtol(text, NULL, 10) & 0xff);
}

/* A shell that ended took the command with it: they end alike. */
static void note_end(pump *p) {
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

static void read_stream(pump *p, int i) {
  ssize_t n = read(p->from[i], p->buffer, READ_SIZE);
  if (n > 0)
    dl_command_log(p->command,
                   i == OUTPUT ? DT_MARKERS_STDOUT : DT_MARKERS_STDERR,
                   p->buffer, (size_t)n);
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    dl_fd_close(&p->from[i]);
}

static bool is_deleted(dl_session *session) {
  bool deleted;
  pthread_mutex_lock(&session->lock);
  deleted = session->deleted;
  pthread_mutex_unlock(&session->lock);
  return deleted;
}

/* Waits for something to happen and sees to it. */
static void turn(pump *p, int timeout_ms) {
  struct pollfd fds[5] = {
      {p->from[OUTPUT], POLLIN, 0},
      {p->from[ERRORS], POLLIN, 0},
      {p->is_known ? -1 : p->status_fd, POLLIN, 0},
      {p->is_gone ? -1 : p->session->shell.exit_fd, POLLIN, 0},
      {p->session->wake_fd, POLLIN, 0}};
  uint64_t count;
  int i;
  if (poll(fds, 5, timeout_ms) < 0)
    return;
  if (fds[4].revents && read(p->session->wake_fd, &count, sizeof count) < 0)
    errno = 0; /* somebody else's wake was the same */
  if (fds[2].revents)
    read_status(p);
  if (fds[3].revents)
    note_end(p);
  for (i = 0; i < STREAMS; i++) {
    if (fds[i].revents || (p->is_known && p->from[i] >= 0))
      read_stream(p, i);
  }
}

static void pump_output(pump *p) {
  while (!p->is_known || p->from[OUTPUT] >= 0 || p->from[ERRORS] >= 0) {
    bool last = p->is_gone && is_deleted(p->session);
    if (last && p->reads_left-- == 0)
      break;
    turn(p, last ? 0 : -1);
  }
}

static void close_pipes(pump *p) {
  int i;
  for (i = 0; i < STREAMS; i++) {
    dl_fd_close(&p->from[i]);
    dl_fd_close(&p->hold[i]);
  }
  dl_fd_close(&p->status_fd);
  dl_fd_close(&p->status_end);
}

/* Ends a command that was not run, with the reason where its output would
 * be. */
static void refuse(dl_command *command, const char *why) {
  dl_strbuf text = {0};
  if (dl_strbuf_addf(&text, "daytona: the command was not run: %s\n", why) == 0)
    dl_command_log(command, DT_MARKERS_STDERR, text.data, text.len);
  dl_strbuf_free(&text);
  dl_command_done(command, -1);
}

static void run_command(pump *p, dl_command *command) {
  char text[128];
  p->command = command;
  p->is_known = false;
  p->reads_left = LAST_READS;
  p->from[OUTPUT] = p->from[ERRORS] = -1;
  p->hold[OUTPUT] = p->hold[ERRORS] = -1;
  p->status_fd = p->status_end = -1;
  if (open_pipes(p) || start_command(p))
    refuse(command, dl_envelope_errno(errno, text, sizeof text));
  else {
    pthread_mutex_lock(&p->session->lock);
    command->state = DL_COMMAND_RUNNING;
    command->was_run = true;
    pthread_mutex_unlock(&p->session->lock);
    pump_output(p);
    dl_command_done(command, p->exit_code);
  }
  close_pipes(p);
  p->command = NULL;
}

/* The first command that is not done, or NULL. */
static dl_command *next_command(dl_session *session) {
  dl_command *command;
  pthread_mutex_lock(&session->lock);
  command = session->commands;
  while (command && command->state == DL_COMMAND_DONE)
    command = command->next;
  pthread_mutex_unlock(&session->lock);
  return command;
}

/* No command is taken from now on; those that wait are refused. */
static void end_session(dl_session *session) {
  dl_command *command;
  pthread_mutex_lock(&session->lock);
  session->ended = true;
  pthread_mutex_unlock(&session->lock);
  while ((command = next_command(session)))
    refuse(command, "its session had ended");
  pthread_mutex_lock(&session->lock);
  pthread_cond_broadcast(&session->changed);
  pthread_mutex_unlock(&session->lock);
}

static void *run(void *arg) {
  dl_session *session = arg;
  pump p = {0};
  p.session = session;
  p.from[OUTPUT] = p.from[ERRORS] = -1;
  p.hold[OUTPUT] = p.hold[ERRORS] = -1;
  p.status_fd = p.status_end = -1;
  p.buffer = malloc(READ_SIZE);
  if (!p.buffer)
    kill(session->shell.pid, SIGKILL);
  while (!p.is_gone) {
    dl_command *command = next_command(session);
    if (command && p.buffer && !is_deleted(session))
      run_command(&p, command);
    else
      turn(&p, -1);
  }
  free(p.buffer);
  end_session(session);
  dl_sessions_release(session);
  return NULL;
}

/* Starts the thread, which has a reference of its own to give back. 0, or an
 * errno value; the shell has then been ended. */
int dl_session_start_loop(dl_session *session) {
  struct pollfd gone = {session->shell.exit_fd, POLLIN, 0};
  pthread_attr_t attr;
  pthread_t thread;
  int error = pthread_attr_init(&attr);
  if (error == 0) {
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    error = pthread_create(&thread, &attr, run, session);
    pthread_attr_destroy(&attr);
  }
  if (error == 0)
    return 0;
  kill(session->shell.pid, SIGKILL);
  while (poll(&gone, 1, -1) != 1)
    continue;
  dl_children_status(&session->shell);
  return error;
}
