#include "git.h"
#include "toolbox/process/children.h"
#include "toolbox/process/shell.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* Reads the credentials from the environment, so that neither a command line
 * nor a file ever holds them. */
static const char helper[] =
    "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' "
    "\"$DAYTONA_GIT_USERNAME\" \"$DAYTONA_GIT_PASSWORD\"; }; f";

/* The environment of a git command: no questions, messages in English, and the
 * credentials if both are given. `login` may be NULL. The caller owns the
 * object; NULL without memory. */
json_t *dl_git_env(const dl_git_login *login) {
  json_t *env = json_pack("{s:s, s:s, s:s, s:s}", "GIT_TERMINAL_PROMPT", "0",
                          "LC_ALL", "C.UTF-8", "LANGUAGE", "",
                          "GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
  json_t *more = NULL;
  if (!env || !login || !*login->username || !*login->password)
    return env;
  /* The empty helper drops those of the configuration. */
  more =
      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "GIT_CONFIG_COUNT", "2",
                "GIT_CONFIG_KEY_0", "credential.helper", "GIT_CONFIG_VALUE_0",
                "", "GIT_CONFIG_KEY_1", "credential.helper",
                "GIT_CONFIG_VALUE_1", helper, "DAYTONA_GIT_USERNAME",
                login->username, "DAYTONA_GIT_PASSWORD", login->password);
  if (!more || json_object_update(env, more)) {
    json_decref(env);
    env = NULL;
  }
  json_decref(more);
  return env;
}

bool dl_git_run(dl_http_request *req, dl_run *run, const char *cwd,
                const json_t *extra, const char *const *argv) {
  char **env = extra ? dl_env_list(dl_daemon_of(req)->env, extra) : NULL;
  memset(run, 0, sizeof *run);
  run->argv = argv;
  run->env = env;
  run->cwd = cwd;
  run->input_fd = -1;
  run->extra_fd = -1;
  run->client_fd = dl_http_client_fd(req);
  run->split = true;
  if (env)
    dl_run_wait(run);
  dl_env_list_free(env);
  if (!env || run->output.failed || run->errors.failed)
    dl_http_reply_error(req, 500, NULL, "internal server error: out of memory");
  else if (!run->failure && dl_children_stopping())
    dl_http_drop(req);
  else if (run->failure && !dl_shell_refuse(req, run->failure))
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: git cannot be started: %s",
                        strerror(run->failure));
  else if (!run->failure)
    return true;
  return false;
}

void dl_git_begin(dl_input *in, dl_http_request *req, const char *type) {
  dl_input_begin(in, req, type, "invalid body request: invalid request body: ",
                 DL_INPUT_INVALID_BODY);
}

bool dl_git_is_hash(const char *text) {
  size_t len = strlen(text), i;
  for (i = 0; i < len; i++) {
    if (!isxdigit((unsigned char)text[i]))
      return false;
  }
  return len == 40 || len == 64;
}

bool dl_git_is_name(dl_http_request *req, const char *name) {
  if (*name != '-')
    return true;
  dl_http_reply_error(req, 400, NULL, "bad request: invalid name: %s", name);
  return false;
}
