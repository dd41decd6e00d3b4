#include "api.h"
#include "toolbox/input.h"
#include "session.h"
#include "toolbox/process/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static dl_sessions *sessions_of(const dl_http_request *req) {
  return dl_daemon_of(req)->sessions;
}

static void release(void *session) {
  dl_sessions_release(session);
}

/* Whether the request names the session of the sandbox's own command. */
bool dl_session_is_entrypoint(const dl_http_request *req) {
  const char *id = dl_http_param(req, "sessionId");
  return !id || strcmp(id, DL_SESSION_ENTRYPOINT) == 0;
}

static void reply_no_session(dl_http_request *req) {
  dl_http_reply_error(req, 404, "PROCESS_NOT_FOUND", "%ssession not found",
                      dl_envelope_kind(404));
}

/* The session that the request names, held until the request is over. NULL if
 * there is none; the request has then been answered. */
dl_session *dl_session_of(dl_http_request *req) {
  const char *id = dl_session_is_entrypoint(req)
                       ? DL_SESSION_ENTRYPOINT
                       : dl_http_param(req, "sessionId");
  dl_session *session = dl_sessions_find(sessions_of(req), id);
  if (session)
    dl_http_set_state(req, session, release);
  else
    reply_no_session(req);
  return session;
}

/* The same for a command; without {commandId} the entrypoint's. */
dl_command *dl_session_command_of(dl_http_request *req) {
  const char *id = dl_http_param(req, "commandId");
  dl_session *session = dl_session_of(req);
  dl_command *command =
      session
          ? dl_session_command(session, id ? id : DL_SESSION_ENTRYPOINT_COMMAND)
          : NULL;
  if (session && !command)
    dl_http_reply_error(req, 404, "PROCESS_NOT_FOUND", "%scommand not found",
                        dl_envelope_kind(404));
  return command;
}

/* POST /process/session */
void dl_session_post(dl_http_request *req) {
  dl_input in;
  dl_session *session;
  const char *id;
  char text[128];
  int error;
  dl_input_begin(&in, req, "CreateSessionRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  id = dl_input_string(&in, "sessionId", true);
  if (!dl_input_ok(&in))
    return;
  if (strcmp(id, DL_SESSION_ENTRYPOINT) == 0) {
    dl_http_reply_error(req, 400, NULL,
                        "bad request: provided session ID is reserved and "
                        "cannot be created/overridden");
    return;
  }
  session = dl_sessions_create(sessions_of(req), id, &error);
  if (session) {
    dl_sessions_release(session);
    dl_http_reply_empty(req, 201);
  }
  else if (error == EEXIST)
    dl_http_reply_error(req, 409, NULL, "conflict: session already exists");
  else if (!dl_shell_refuse(req, error))
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: failed to start session: %s",
                        dl_envelope_errno(error, text, sizeof text));
}

/* GET /process/session */
void dl_session_list(dl_http_request *req) {
  dl_http_reply_json(req, 200, dl_sessions_view(sessions_of(req)));
}

/* GET /process/session/{sessionId} */
void dl_session_get(dl_http_request *req) {
  dl_session *session = dl_session_of(req);
  if (session)
    dl_http_reply_json(req, 200, dl_session_view(session));
}

/* DELETE /process/session/{sessionId} */
void dl_session_delete(dl_http_request *req) {
  dl_session *session;
  if (dl_session_is_entrypoint(req)) {
    dl_http_reply_error(req, 400, NULL,
                        "bad request: can't delete entrypoint session");
    return;
  }
  session = dl_session_of(req);
  if (!session)
    return;
  if (dl_sessions_delete(session))
    reply_no_session(req);
  else
    dl_http_reply_empty(req, 204);
}

/* GET /process/session/{sessionId}/command/{commandId} */
void dl_session_command_get(dl_http_request *req) {
  dl_command *command = dl_session_command_of(req);
  json_t *view;
  if (!command)
    return;
  pthread_mutex_lock(&command->session->lock);
  view = dl_command_view(command);
  pthread_mutex_unlock(&command->session->lock);
  dl_http_reply_json(req, 200, view);
}

static void reply_input(dl_http_request *req, const dl_command *command,
                        dl_command_input_result result, int error) {
  char text[128];
  switch (result) {
    case DL_COMMAND_INPUT_TAKEN:
      dl_http_reply_empty(req, 204);
      break;
    case DL_COMMAND_INPUT_LATE:
      dl_http_reply_error(req, 410, "COMMAND_ALREADY_COMPLETED",
                          "%scommand has already completed with exit code %d",
                          dl_envelope_kind(410), command->exit_code);
      break;
    case DL_COMMAND_INPUT_NOWHERE:
      dl_http_reply_error(req, 500, NULL,
                          "internal server error: failed to open input pipe: "
                          "open %s/input.pipe: no such file or directory",
                          command->dir);
      break;
    case DL_COMMAND_INPUT_CLOSED:
      dl_http_reply_error(req, 409, NULL,
                          "conflict: command takes no input: it was not "
                          "started asynchronously");
      break;
    default:
      dl_http_reply_error(req, 500, NULL,
                          "internal server error: failed to send input: %s",
                          dl_envelope_errno(error, text, sizeof text));
  }
}

/* POST /process/session/{sessionId}/command/{commandId}/input: one line, or
 * several. */
void dl_session_input_post(dl_http_request *req) {
  dl_strbuf line = {0};
  dl_command *command;
  dl_input in;
  const char *data;
  size_t len;
  int error = 0;
  dl_input_begin(&in, req, "SessionSendInputRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  data = dl_input_bytes(&in, "data", true, &len);
  if (!dl_input_ok(&in))
    return;
  if (dl_session_is_entrypoint(req)) {
    dl_http_reply_error(req, 400, NULL,
                        "bad request: can't send input to entrypoint session");
    return;
  }
  command = dl_session_command_of(req);
  if (!command)
    return;
  dl_strbuf_add(&line, data, len);
  if (data[len - 1] != '\n')
    dl_strbuf_addc(&line, '\n');
  if (line.failed)
    reply_input(req, command, DL_COMMAND_INPUT_FAILED, ENOMEM);
  else
    reply_input(req, command,
                dl_command_input(command, line.data, line.len, &error), error);
  dl_strbuf_free(&line);
}
