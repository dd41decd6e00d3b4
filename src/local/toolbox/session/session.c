#include "session.h"
#include "clock.h"
#include "toolbox/path.h"
#include "toolbox/process/shell.h"
#include "toolbox/process/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAX_NAME 128

/* Session ids are the client's: one that is no good name for a directory is
 * kept under its digest. */
static bool is_plain_name(const char *id) {
  static const char good[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return *id != '.' && strlen(id) <= MAX_NAME && id[strspn(id, good)] == '\0';
}

static char *directory_of(const dl_toolbox *toolbox, const char *id) {
  char digest[DL_CRYPTO_SHA256_HEX];
  char *root = dl_path_join(toolbox->home, DL_SESSION_ROOT), *dir = NULL;
  if (root && is_plain_name(id))
    dir = dl_path_join(root, id);
  else if (root && dl_crypto_sha256_hex(id, strlen(id), digest) == 0)
    dir = dl_path_join(root, digest);
  free(root);
  return dir;
}

/* The shell reads what the loop writes to script_fd. What it says itself, not
 * its commands, goes nowhere. 0, or an errno value. */
static int start_shell(const dl_toolbox *toolbox, dl_session *session) {
  const char *argv[2] = {toolbox->shell, NULL};
  char **env = dl_env_list(toolbox->env, NULL);
  dl_spawn plan = {argv, env, toolbox->work_dir, {-1, -1, -1, -1}};
  int script[2], error = ENOMEM;
  if (env && pipe2(script, O_CLOEXEC) == 0) {
    plan.fds[0] = script[0];
    error = dl_children_spawn(&session->shell, dl_spawn_start, &plan);
    close(script[0]);
    if (error)
      close(script[1]);
    else
      session->script_fd = script[1];
  }
  else if (env)
    error = errno;
  dl_env_list_free(env);
  return error;
}

/* A session with a shell, though nobody gives it commands yet. NULL with an
 * errno value. */
dl_session *dl_session_new(const dl_toolbox *toolbox, dl_sessions *sessions,
                           const char *id, int *error) {
  dl_session *session = calloc(1, sizeof *session);
  *error = ENOMEM;
  if (!session)
    return NULL;
  session->sessions = sessions;
  session->last = &session->commands;
  session->script_fd = -1;
  pthread_mutex_init(&session->lock, NULL);
  pthread_cond_init(&session->changed, NULL);
  session->id = strdup(id);
  session->dir = directory_of(toolbox, id);
  session->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (session->wake_fd < 0)
    *error = errno;
  else if (session->id && session->dir)
    *error = dl_path_make(session->dir, 0755) ? errno
                                              : start_shell(toolbox, session);
  if (*error == 0)
    return session;
  dl_session_free(session);
  return NULL;
}

void dl_session_free(dl_session *session) {
  while (session->commands) {
    dl_command *next = session->commands->next;
    dl_command_free(session->commands);
    session->commands = next;
  }
  if (session->wake_fd >= 0)
    close(session->wake_fd);
  if (session->script_fd >= 0)
    close(session->script_fd);
  pthread_cond_destroy(&session->changed);
  pthread_mutex_destroy(&session->lock);
  free(session->id);
  free(session->dir);
  free(session);
}

void dl_session_wake(dl_session *session) {
  const uint64_t one = 1;
  /* A full counter wakes just as well. */
  if (write(session->wake_fd, &one, sizeof one) < 0)
    return;
}

bool dl_session_is_deleted(dl_session *session) {
  pthread_mutex_lock(&session->lock);
  bool deleted = session->deleted;
  pthread_mutex_unlock(&session->lock);
  return deleted;
}

int dl_session_submit(dl_session *session, dl_command *command) {
  pthread_mutex_lock(&session->lock);
  bool taken = !session->ended && !session->deleted && !session->hangs;
  if (taken) {
    *session->last = command;
    session->last = &command->next;
  }
  pthread_mutex_unlock(&session->lock);
  if (!taken)
    return -1;
  dl_session_wake(session);
  return 0;
}

dl_command *dl_session_command(dl_session *session, const char *id) {
  pthread_mutex_lock(&session->lock);
  dl_command *command = session->commands;
  while (command && strcmp(command->id, id) != 0)
    command = command->next;
  pthread_mutex_unlock(&session->lock);
  return command;
}

json_t *dl_session_view(dl_session *session) {
  json_t *commands = json_array();
  pthread_mutex_lock(&session->lock);
  dl_command *command;
  for (command = session->commands; command; command = command->next)
    json_array_append_new(commands, dl_command_view(command));
  pthread_mutex_unlock(&session->lock);
  return json_pack("{s:s, s:o}", "sessionId", session->id, "commands",
                   commands);
}
