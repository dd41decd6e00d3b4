#include "git.h"
#include "toolbox/text.h"

#include <string.h>

/* Which of git's configurations is meant. */
typedef struct scope {
  const char *option;
  const char *path; /* NULL: no repository's */
} scope;

/* False if the request was answered. */
static bool read_scope(dl_http_request *req, const char *name, const char *path,
                       scope *out) {
  out->path = NULL;
  if (!name || !*name || strcmp(name, "global") == 0)
    out->option = "--global";
  else if (strcmp(name, "system") == 0)
    out->option = "--system";
  else if (strcmp(name, "local") == 0) {
    out->option = "--local";
    out->path = path && *path ? path : NULL;
    if (!out->path)
      dl_http_reply_error(req, 400, NULL,
                          "bad request: path is required for scope local");
    return out->path != NULL;
  }
  else {
    dl_http_reply_error(req, 400, NULL, "bad request: invalid scope: %s", name);
    return false;
  }
  return true;
}

/* Runs "git config" in the scope with up to three words. False if the request
 * was answered; the caller frees `run` whatever happens. */
static bool run_config(dl_http_request *req, dl_run *run, const scope *where,
                       const char *first, const char *second,
                       const char *third) {
  const char *argv[] = {"git",  "config", where->option, first,
                        second, third,    NULL};
  if (where->path)
    return dl_git_try(req, run, where->path, NULL, argv + 1);
  json_t *env = dl_git_env(NULL);
  bool ran = dl_git_run(req, run, NULL, env, argv);
  json_decref(env);
  return ran;
}

void dl_git_config_get(dl_http_request *req) {
  const char *key = dl_http_query(req, "key");
  dl_run run = {0};
  if (!key || !*key) {
    dl_http_reply_error(req, 400, NULL, "bad request: key is required");
    return;
  }
  scope where;
  if (!dl_git_is_name(req, key) ||
      !read_scope(req, dl_http_query(req, "scope"), dl_http_query(req, "path"),
                  &where))
    return;
  if (run_config(req, &run, &where, "--null", "--get", key)) {
    if (run.exit_code == 0 && run.output.len > 0)
      dl_http_reply_json(
          req, 200,
          json_pack("{s:o}", "value",
                    dl_text_json(run.output.data, run.output.len - 1)));
    else if (run.exit_code == 1 && run.errors.len == 0)
      dl_http_reply_json(req, 200, json_pack("{s:n}", "value"));
    else
      dl_git_failed(req, &run, NULL);
  }
  dl_run_free(&run);
}

/* Sets a value. False if the request was answered. */
static bool set_value(dl_http_request *req, const scope *where, const char *key,
                      const char *value) {
  dl_run run = {0};
  bool set = run_config(req, &run, where, "--replace-all", key, value);
  if (set && run.exit_code != 0) {
    dl_git_failed(req, &run, NULL);
    set = false;
  }
  dl_run_free(&run);
  return set;
}

void dl_git_config_set(dl_http_request *req) {
  dl_input in;
  dl_git_begin(&in, req, "GitSetConfigRequest");
  const char *key = dl_input_string(&in, "key", true);
  const char *value = dl_input_string(&in, "value", true);
  const char *name = dl_input_string(&in, "scope", false);
  const char *path = dl_input_string(&in, "path", false);
  scope where;
  if (dl_input_ok(&in) && dl_git_is_name(req, key) &&
      read_scope(req, name, path, &where) && set_value(req, &where, key, value))
    dl_http_reply_empty(req, 200);
}

void dl_git_config_user(dl_http_request *req) {
  dl_input in;
  dl_git_begin(&in, req, "GitConfigureUserRequest");
  const char *name = dl_input_string(&in, "name", true);
  const char *email = dl_input_string(&in, "email", true);
  const char *of = dl_input_string(&in, "scope", false);
  const char *path = dl_input_string(&in, "path", false);
  scope where;
  if (dl_input_ok(&in) && read_scope(req, of, path, &where) &&
      set_value(req, &where, "user.name", name) &&
      set_value(req, &where, "user.email", email))
    dl_http_reply_empty(req, 200);
}

/* The words are in the environment, for a command line shows what is on it. */
static const char store[] =
    "git config --global --replace-all credential.helper store && printf "
    "'protocol=%s\\nhost=%s\\nusername=%s\\npassword=%s\\n' \"$DAYTONA_P\" "
    "\"$DAYTONA_H\" \"$DAYTONA_U\" \"$DAYTONA_W\" | git credential-store store";

void dl_git_credentials(dl_http_request *req) {
  const char *const argv[] = {"sh", "-c", store, NULL};
  const char *host, *protocol;
  dl_git_login login;
  dl_run run = {0};
  dl_input in;
  json_t *env, *more;
  dl_git_begin(&in, req, "GitAuthenticateRequest");
  login.username = dl_input_string(&in, "username", true);
  login.password = dl_input_string(&in, "password", true);
  host = dl_input_string(&in, "host", false);
  protocol = dl_input_string(&in, "protocol", false);
  if (!dl_input_ok(&in))
    return;
  if (strchr(login.username, '\n') || strchr(login.password, '\n') ||
      strchr(host, '\n') || strchr(protocol, '\n')) {
    dl_http_reply_error(req, 400, NULL, "bad request: a line break in it");
    return;
  }
  env = dl_git_env(NULL);
  more = json_pack("{s:s, s:s, s:s, s:s}", "DAYTONA_P",
                   *protocol ? protocol : "https", "DAYTONA_H",
                   *host ? host : "github.com", "DAYTONA_U", login.username,
                   "DAYTONA_W", login.password);
  if (!env || !more || json_object_update(env, more))
    dl_http_reply_error(req, 500, NULL, "out of memory");
  else if (dl_git_run(req, &run, NULL, env, argv)) {
    if (run.exit_code == 0)
      dl_http_reply_empty(req, 200);
    else
      dl_git_failed(req, &run, &login);
  }
  dl_run_free(&run);
  json_decref(env);
  json_decref(more);
}
