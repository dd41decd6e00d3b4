#include "input.h"
#include "sdk_class.h"
#include "session_api.h"
#include "session_render.h"
#include "shell.h"

#include <errno.h>
#include <string.h>

static void reply_ended(dl_http_request *req, dl_session *session) {
  bool deleted;
  int exit_code;
  pthread_mutex_lock(&session->lock);
  deleted = session->deleted;
  exit_code = session->exit_code;
  pthread_mutex_unlock(&session->lock);
  if (dl_children_stopping())
    dl_http_reply_error(req, 503, NULL, "the sandbox is stopping");
  else if (deleted)
    dl_http_reply_error(req, 410, "SESSION_ENDED",
                        "gone: session has been deleted");
  else
    dl_http_reply_error(
        req, 410, "SESSION_ENDED",
        "gone: session has ended: its shell exited with code %d", exit_code);
}

static void reply_started(dl_http_request *req, const dl_command *command) {
  dl_http_reply_json(req, 202,
                     json_pack("{s:s, s:n, s:n, s:n, s:n}", "cmdId",
                               command->id, "output", "stdout", "stderr",
                               "exitCode"));
}

/* Whether the command ended by itself, not because somebody ended its
 * session. One that ended the session by "exit" did. */
static bool has_result(dl_command *command) {
  dl_session *session = command->session;
  bool has;
  pthread_mutex_lock(&session->lock);
  has = command->was_run && !session->deleted;
  pthread_mutex_unlock(&session->lock);
  return has && !dl_children_stopping();
}

/* POST /process/session/{sessionId}/exec */
void dl_session_exec_post(dl_http_request *req) {
  dl_session *session;
  dl_command *command;
  dl_input in;
  const char *text;
  size_t len;
  bool async, is_muted;
  char why[128];
  int error;
  dl_input_begin(&in, req, "SessionExecuteRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  text = dl_input_bytes(&in, "command", true, &len);
  async = dl_input_bool(&in, "runAsync");
  async |= dl_input_bool(&in, "async");
  is_muted = dl_input_bool(&in, "suppressInputEcho");
  if (!dl_input_ok(&in))
    return;
  if (dl_shell_is_blank(text, len)) {
    dl_http_reply_error(
        req, 400, NULL,
        "bad request: command cannot be empty or whitespace-only");
    return;
  }
  if (dl_session_is_entrypoint(req)) {
    dl_http_reply_error(
        req, 400, NULL,
        "bad request: can't execute command in entrypoint session");
    return;
  }
  session = dl_session_of(req);
  if (!session)
    return;
  command = dl_command_new(session, NULL, text, len, &error);
  if (!command) {
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: failed to execute command: %s",
                        dl_envelope_errno(error, why, sizeof why));
    return;
  }
  command->async = async;
  command->is_muted = is_muted;
  if (dl_session_submit(session, command)) {
    dl_command_discard(command);
    reply_ended(req, session);
    return;
  }
  if (async) {
    reply_started(req, command);
    return;
  }
  dl_command_wait(command);
  if (has_result(command))
    dl_session_render_result(req, command, dl_sdk_class_of(req));
  else
    reply_ended(req, session);
}
