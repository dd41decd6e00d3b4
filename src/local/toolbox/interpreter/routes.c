#include "interpreter.h"
#include "toolbox/input.h"
#include "toolbox/process/shell.h"

#include <errno.h>
#include <string.h>

void dl_interpreter_create(dl_http_request *req) {
  dl_context *context = NULL;
  dl_input in;
  int error = ENOMEM;
  dl_input_begin(&in, req, "CreateContextRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  const char *cwd = dl_input_string(&in, "cwd", false);
  json_t *language = dl_input_field(&in, "language");
  if (!dl_input_ok(&in))
    return;
  if (language && (!json_is_string(language) ||
                   strcmp(json_string_value(language), "python") != 0)) {
    dl_http_reply_error(req, 400, NULL,
                        "bad request: unsupported language, only python is "
                        "supported");
    return;
  }
  char id[DL_CRYPTO_UUID];
  if (dl_crypto_uuid(id) == 0)
    context = dl_context_make(dl_daemon_of(req), id, cwd);
  if (context)
    error = dl_context_add(context);
  char text[128];
  if (error == 0)
    dl_http_reply_json(req, 200, dl_context_info(context));
  else if (!dl_shell_refuse(req, error))
    dl_http_reply_error(
        req, 500, NULL,
        "internal server error: failed to start the interpreter: %s",
        dl_envelope_errno(error, text, sizeof text));
  dl_context_unref(context);
}

void dl_interpreter_list(dl_http_request *req) {
  json_t *list = dl_context_list();
  if (list)
    dl_http_reply_json(req, 200, json_pack("{s:o}", "contexts", list));
  else
    dl_http_reply_error(req, 500, NULL, "internal server error: out of memory");
}

void dl_interpreter_delete(dl_http_request *req) {
  const char *id = dl_http_param(req, "id");
  if (strcmp(id, DL_CONTEXT_DEFAULT) == 0)
    dl_http_reply_error(req, 400, NULL,
                        "bad request: cannot delete default context");
  else if (dl_context_delete(id))
    dl_http_reply_json(
        req, 200,
        json_pack("{s:s}", "message", "Context deleted successfully"));
  else
    dl_http_reply_error(req, 404, NULL, "not found: context not found: %s", id);
}
