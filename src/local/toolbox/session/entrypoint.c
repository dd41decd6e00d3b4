#include "api.h"
#include "toolbox/text.h"

static dl_command *make_command(const dl_toolbox *toolbox,
                                dl_session *session) {
  dl_command *command = NULL;
  dl_strbuf text = {0};
  json_t *word;
  size_t i;
  json_array_foreach(toolbox->entrypoint, i, word) {
    if (json_is_string(word))
      dl_text_add_word(&text, json_string_value(word));
  }
  int error;
  if (!text.failed && text.len > 0)
    command = dl_command_new(session, DL_SESSION_ENTRYPOINT_COMMAND,
                             text.data + 1, text.len - 1, &error);
  dl_strbuf_free(&text);
  return command;
}

/* Runs the sandbox's own command, if it has one, in a session that clients can
 * only look at. 0, or -1 if it could not be started. */
int dl_session_start_entrypoint(dl_toolbox *toolbox) {
  int error, rc = -1;
  if (!toolbox->entrypoint)
    return 0;
  dl_session *session;
  session =
      dl_sessions_create(toolbox->sessions, DL_SESSION_ENTRYPOINT, &error);
  if (!session)
    return -1;
  dl_command *command = make_command(toolbox, session);
  if (command) {
    command->async = true;
    rc = dl_session_submit(session, command);
    if (rc)
      dl_command_discard(command);
  }
  dl_sessions_release(session);
  return rc;
}
