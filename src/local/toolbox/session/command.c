#include "session.h"
#include "as.h"
#include "fd.h"
#include "toolbox/path.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 50

static int write_file(const dl_command *command, const char *name,
                      const char *data, size_t len) {
  char *path = dl_path_join(command->dir, name);
  int fd = -1, rc = -1;
  if (path)
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd >= 0)
    rc = dl_fd_write_all(fd, data, len);
  dl_fd_close(&fd);
  free(path);
  return rc;
}

static int make_files(const dl_command *command) {
  if (dl_path_make(command->dir, 0755) ||
      write_file(command, "cmd.sh", command->text, command->len))
    return -1;
  return write_file(command, "output.log", "", 0);
}

/* A command with its files on the disk, for dl_session_submit. `id` NULL makes
 * one. NULL with an errno value. */
dl_command *dl_command_new(dl_session *session, const char *id,
                           const char *text, size_t len, int *error) {
  dl_command *command = calloc(1, sizeof *command);
  *error = ENOMEM;
  if (!command)
    return NULL;
  command->session = session;
  command->input_fd = command->input_end = command->log_fd = -1;
  pthread_mutex_init(&command->input_lock, NULL);
  if (id)
    snprintf(command->id, sizeof command->id, "%s", id);
  else if (dl_crypto_uuid(command->id)) {
    dl_command_free(command);
    return NULL;
  }
  command->text = malloc(len + 1);
  command->len = len;
  command->dir = dl_path_join(session->dir, command->id);
  if (command->text && command->dir) {
    memcpy(command->text, text, len);
    command->text[len] = '\0';
    if (make_files(command) == 0)
      return command;
    *error = errno;
  }
  dl_command_discard(command);
  return NULL;
}

void dl_command_free(dl_command *command) {
  if (command->input_fd >= 0)
    dl_fifo_remove(command, DL_FIFO_INPUT);
  dl_fd_close(&command->input_fd);
  dl_fd_close(&command->input_end);
  dl_fd_close(&command->log_fd);
  pthread_mutex_destroy(&command->input_lock);
  free(command->text);
  free(command->dir);
  free(command);
}

void dl_command_discard(dl_command *command) {
  if (command->dir)
    dl_path_remove_tree(command->dir);
  dl_command_free(command);
}

void dl_command_done(dl_command *command, int exit_code) {
  dl_session *session = command->session;
  pthread_mutex_lock(&session->lock);
  if (command->input_fd >= 0)
    dl_fifo_remove(command, DL_FIFO_INPUT);
  dl_fd_close(&command->input_fd);
  dl_fd_close(&command->input_end);
  dl_fd_close(&command->log_fd);
  command->exit_code = exit_code;
  command->state = DL_COMMAND_DONE;
  dl_command_notify(command);
  pthread_cond_broadcast(&session->changed);
  pthread_mutex_unlock(&session->lock);
}

/* Looks now and then whether the command is complete, as the original does;
 * or its session deleted, or the sandbox stopped. */
static void look_for_end(dl_command *command) {
  dl_session *session = command->session;
  bool over = false;
  while (!over && !dl_children_stopping()) {
    poll(NULL, 0, LOOK_MS);
    pthread_mutex_lock(&session->lock);
    over = command->state == DL_COMMAND_DONE || session->deleted;
    command->is_told |= command->state == DL_COMMAND_DONE;
    pthread_mutex_unlock(&session->lock);
  }
}

void dl_command_wait(dl_command *command) {
  dl_session *session = command->session;
  if (dl_as_now()->looks_for_end) {
    look_for_end(command);
    return;
  }
  pthread_mutex_lock(&session->lock);
  while (command->state != DL_COMMAND_DONE)
    pthread_cond_wait(&session->changed, &session->lock);
  pthread_mutex_unlock(&session->lock);
}

json_t *dl_command_view(dl_command *command) {
  json_t *view = json_pack("{s:s, s:o}", "id", command->id, "command",
                           json_stringn_nocheck(command->text, command->len));
  command->is_told |= command->state == DL_COMMAND_DONE;
  if (view && command->is_told)
    json_object_set_new(view, "exitCode", json_integer(command->exit_code));
  return view;
}
