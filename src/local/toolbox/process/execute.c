#include "as.h"
#include "shell.h"
#include "toolbox/text.h"
#include "toolbox/input.h"

#include <string.h>

/* POST /process/execute */
void dl_execute_post(dl_http_request *req) {
  dl_input in;
  dl_run run;
  json_t *envs;
  const char *command, *cwd;
  size_t len;
  memset(&run, 0, sizeof run);
  run.extra_fd = -1;
  run.client_fd = dl_http_client_fd(req);
  dl_input_begin(&in, req, "ExecuteRequest",
                 dl_as_now()->old_errors
                     ? "bad request: invalid request body: "
                     : "invalid body request: invalid request body: ",
                 dl_as_now()->old_errors ? NULL : DL_INPUT_INVALID_BODY);
  command = dl_input_bytes(&in, "command", true, &len);
  run.timeout = dl_input_uint32(&in, "timeout");
  cwd = dl_input_string(&in, "cwd", false);
  envs = dl_input_map(&in, "envs");
  if (!dl_input_ok(&in))
    return;
  if (dl_shell_is_blank(command, len)) {
    dl_http_reply_error(
        req, 400, NULL,
        "bad request: command cannot be empty or whitespace-only");
    return;
  }
  run.cwd = *cwd ? cwd : NULL;
  if (dl_shell_valid_envs(req, envs) &&
      dl_shell_run(req, &run, command, len, envs))
    dl_http_reply_json(
        req, 200,
        json_pack("{s:i, s:o}", "exitCode", run.exit_code, "result",
                  dl_text_json(run.output.data, run.output.len)));
  dl_run_free(&run);
}
