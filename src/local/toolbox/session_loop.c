#include "session.h"
#include "session_pump.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

/* The thread of a session. */

#define STACK_SIZE ((size_t)512 << 10)

/* Ends a command that was not run, with the reason where its output would
 * be. */
static void refuse(dl_command *command, const char *why) {
  dl_strbuf text = {0};
  if (dl_strbuf_addf(&text, "daytona: the command was not run: %s\n", why) == 0)
    dl_command_log(command, DT_MARKERS_STDERR, text.data, text.len);
  dl_strbuf_free(&text);
  dl_command_done(command, -1);
}

static void run_command(dl_pump *p, dl_command *command) {
  char text[128];
  if (dl_pump_run(p, command) == 0)
    dl_command_done(command, p->exit_code);
  else
    refuse(command, dl_envelope_errno(errno, text, sizeof text));
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
  dl_pump *p = arg;
  dl_session *session = p->session;
  while (!p->is_gone) {
    dl_command *command = next_command(session);
    if (command && !dl_session_is_deleted(session))
      run_command(p, command);
    else
      dl_pump_wait(p);
  }
  dl_pump_free(p);
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
  dl_pump *p = dl_pump_new(session);
  int error = p ? pthread_attr_init(&attr) : ENOMEM;
  if (error == 0) {
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    error = pthread_create(&thread, &attr, run, p);
    pthread_attr_destroy(&attr);
  }
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
