#include "api.h"
#include "as.h"
#include "render.h"
#include "sdk_class.h"
#include "toolbox/input.h"
#include "toolbox/process/shell.h"

#include <string.h>

static void release(void *session) {
  dl_sessions_release(session);
}

static void reply_ended(dl_http_request *req, dl_session *session) {
  bool deleted;
  pthread_mutex_lock(&session->lock);
  deleted = session->deleted;
  pthread_mutex_unlock(&session->lock);
  if (dl_children_stopping())
    dl_http_reply_error(req, 503, NULL, "the sandbox is stopping");
  else
    dl_http_reply_error(req, 410, "SESSION_ENDED",
                        deleted ? "session has been deleted"
                                : "session process has exited");
}

#define FAILED "failed to execute command: "

/* The same as the original says it. */
static void reply_lost(dl_http_request *req, bool written) {
  dl_http_reply_error(req, 500, NULL, FAILED "bad request: %s",
                      written ? "session cancelled"
                              : "failed to write command: write |1: broken "
                                "pipe");
}

/* The session that the request names, held until it is over; NULL if it was
 * answered. */
static dl_session *find_session(dl_http_request *req) {
  const char *id = dl_http_param(req, "sessionId");
  dl_session *session;
  if (!dl_as_now()->old_errors)
    return dl_session_of(req);
  session = dl_sessions_find(dl_daemon_of(req)->sessions, id);
  if (session)
    dl_http_set_state(req, session, release);
  else
    dl_http_reply_error(req, 500, NULL, FAILED "not found: session not found");
  return session;
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

typedef struct wish {
  const char *text;
  size_t len;
  bool async;
  bool is_muted;
} wish;

/* False if the request has been refused. */
static bool read_wish(dl_http_request *req, wish *w) {
  dl_input in;
  dl_input_begin(&in, req, "SessionExecuteRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  w->text = dl_input_bytes(&in, "command", true, &w->len);
  w->async = dl_input_bool(&in, "runAsync");
  w->async |= dl_input_bool(&in, "async");
  w->is_muted = dl_input_bool(&in, "suppressInputEcho");
  if (!dl_input_ok(&in))
    return false;
  if (dl_shell_is_blank(w->text, w->len))
    dl_http_reply_error(
        req, 400, NULL,
        "bad request: command cannot be empty or whitespace-only");
  else if (dl_session_is_entrypoint(req))
    dl_http_reply_error(
        req, 400, NULL,
        "bad request: can't execute command in entrypoint session");
  else
    return true;
  return false;
}

/* Gives the session the command. NULL if the request has been answered with
 * the reason why not. */
static dl_command *submit(dl_http_request *req, dl_session *session,
                          const wish *w) {
  char why[128];
  int error;
  dl_command *command = dl_command_new(session, NULL, w->text, w->len, &error);
  if (!command) {
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: failed to execute command: %s",
                        dl_envelope_errno(error, why, sizeof why));
    return NULL;
  }
  command->async = w->async;
  command->is_muted = w->is_muted;
  if (dl_session_submit(session, command) == 0)
    return command;
  dl_command_discard(command);
  if (dl_as_now()->old_errors && !dl_children_stopping())
    reply_lost(req, false);
  else
    reply_ended(req, session);
  return NULL;
}

/* POST /process/session/{sessionId}/exec */
void dl_session_exec_post(dl_http_request *req) {
  wish w;
  dl_session *session = read_wish(req, &w) ? find_session(req) : NULL;
  dl_command *command = session ? submit(req, session, &w) : NULL;
  if (!command)
    return;
  if (w.async) {
    reply_started(req, command);
    return;
  }
  dl_command_wait(command);
  if (has_result(command))
    dl_session_render_result(req, command, dl_sdk_class_of(req));
  else if (command->was_run && dl_children_stopping())
    dl_http_drop(req);
  else if (dl_as_now()->old_errors && !dl_children_stopping())
    reply_lost(req, true);
  else
    reply_ended(req, session);
}
