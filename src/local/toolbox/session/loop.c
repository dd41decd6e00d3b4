#include "as.h"
#include "pump.h"
#include "session.h"
#include "thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

/* The thread of a session. */

#define HANG_MS 200 /* between looks whether the sandbox stops */
#define STACK_SIZE ((size_t)256 << 10)

/* Ends a command that was not run, with the reason where its output would
 * be. */
static void refuse(dl_command *command, const char *why) {
  dl_strbuf text = {0};
  if (dl_strbuf_addf(&text, "daytona: the command was not run: %s\n", why) == 0)
    dl_command_log(command, DT_MARKERS_STDERR, text.data, text.len);
  dl_strbuf_free(&text);
  dl_command_done(command, -1);
}

/* No command is taken from now on. */
static void close_session(dl_session *session) {
  pthread_mutex_lock(&session->lock);
  session->ended = true;
  pthread_mutex_unlock(&session->lock);
}

static void run_command(dl_pump *p, dl_command *command) {
  int rc = dl_pump_run(p, command);
  if (rc == 0 && dl_as_now()->exit_hangs && !p->has_status)
    return;       /* nobody will ever know how it ended */
  if (p->is_gone) /* whoever hears of its end asks for nothing more */
    close_session(p->session);
  char text[128];
  if (rc == 0)
    dl_command_done(command, p->exit_code);
  else
    refuse(command, dl_envelope_errno(errno, text, sizeof text));
}

/* Leaves the commands as they are until the session is deleted. */
static void hang(dl_pump *p) {
  dl_session *session = p->session;
  pthread_mutex_lock(&session->lock);
  session->hangs = true;
  pthread_mutex_unlock(&session->lock);
  while (!dl_session_is_deleted(session) && !dl_children_stopping())
    dl_pump_wait(p, HANG_MS);
}

/* The first command that is not done, or NULL. */
static dl_command *next_command(dl_session *session) {
  pthread_mutex_lock(&session->lock);
  dl_command *command = session->commands;
  while (command && command->state == DL_COMMAND_DONE)
    command = command->next;
  pthread_mutex_unlock(&session->lock);
  return command;
}

/* No command is taken from now on; those that wait are refused. */
static void end_session(dl_session *session) {
  close_session(session);
  dl_command *command;
  while ((command = next_command(session)))
    if (session->hangs)
      dl_command_done(command, -1);
    else
      refuse(command, "its session had ended");
  pthread_mutex_lock(&session->lock);
  pthread_cond_broadcast(&session->changed);
  pthread_mutex_unlock(&session->lock);
}

static void *run(void *arg) {
  dl_pump *p = arg;
  dl_session *session = p->session;
  while (!p->is_gone) {
    dl_command *command = next_command(session);
    if (command && !dl_session_is_deleted(session))
      run_command(p, command);
    else
      dl_pump_wait(p, -1);
  }
  if (dl_as_now()->exit_hangs)
    hang(p);
  dl_pump_free(p);
  end_session(session);
  session->release(session);
  return NULL;
}

/* Starts the thread, which has a reference of its own to give back. 0, or an
 * errno value; the shell has then been ended. */
int dl_session_start_loop(dl_session *session) {
  struct pollfd gone = {session->shell.exit_fd, POLLIN, 0};
  dl_pump *p = dl_pump_new(session);
  int error = p ? dl_thread_start(run, p, STACK_SIZE) : ENOMEM;
  if (error == 0)
    return 0;
  if (p)
    dl_pump_free(p);
  kill(session->shell.pid, SIGKILL);
  while (poll(&gone, 1, -1) != 1)
    continue;
  dl_children_status(&session->shell);
  return error;
}
