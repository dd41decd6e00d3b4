#include "shell.h"
#include "children.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define RETRY_SECONDS "1"

/* Whether all names can be environment variables; else answers 400. */
bool dl_shell_valid_envs(dl_http_request *req, const json_t *envs) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)envs, name, value) {
    if (!dl_env_valid_name(name)) {
      dl_http_reply_error(
          req, 400, NULL,
          "bad request: invalid environment variable name: '%s'", name);
      return false;
    }
  }
  return true;
}

/* Whether there is nothing in it to execute. */
bool dl_shell_is_blank(const char *text, size_t len) {
  size_t i;
  for (i = 0; i < len; i++) {
    if (!strchr(" \t\r\n\v\f", text[i]) || !text[i])
      return false;
  }
  return true;
}

/* Answers where something was not started for a reason that is none of its
 * own: the sandbox stops or is full, or the client has left. False, with no
 * answer, for any other errno value. */
bool dl_shell_refuse(dl_http_request *req, int error) {
  switch (error) {
    case ESHUTDOWN:
      dl_http_reply_error(req, 503, NULL, "the sandbox is stopping");
      return true;
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      dl_http_add_header(req, "Retry-After", RETRY_SECONDS);
      dl_http_reply_error(req, 503, NULL,
                          "the sandbox has no room for another process now");
      return true;
    case ECANCELED:
      dl_http_drop(req);
      return true;
    default:
      return false;
  }
}

static void report_failure(const char *shell, dl_run *run) {
  char text[128];
  dl_strbuf_addf(&run->output, "fork/exec %s: %s", shell,
                 dl_envelope_errno(run->failure, text, sizeof text));
}

/* Runs a script by the sandbox's shell, the script being its standard input.
 * The caller has set cwd, extra_fd and timeout in a zeroed `run`, and frees it.
 * A shell that cannot be started is a result like any other. False if the
 * request has been answered with an error; where the sandbox is stopped
 * meanwhile its connection is lost, as that of the original is. */
bool dl_shell_run(dl_http_request *req, dl_run *run, const char *script,
                  size_t len, const json_t *envs) {
  const dl_toolbox *toolbox = dl_daemon_of(req);
  const char *argv[2] = {toolbox->shell, NULL};
  char **list = dl_env_list(toolbox->env, envs);
  run->argv = argv;
  run->env = list;
  run->input_fd = list ? dl_run_file("script", script, len) : -1;
  if (run->input_fd < 0) {
    dl_env_list_free(list);
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: cannot hold the script");
    return false;
  }
  dl_run_wait(run);
  close(run->input_fd);
  dl_env_list_free(list);
  if (!run->failure && dl_children_stopping())
    dl_http_drop(req); /* what it was told to end with is no result of its */
  else if (run->timed_out)
    dl_http_reply_error(req, 408, "PROCESS_EXECUTION_TIMEOUT",
                        "%scommand execution timeout", dl_envelope_kind(408));
  else if (run->failure && dl_shell_refuse(req, run->failure))
    return false;
  else if (run->output.failed)
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: out of memory for the output");
  else {
    if (run->failure)
      report_failure(toolbox->shell, run);
    return true;
  }
  return false;
}
