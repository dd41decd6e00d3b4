#include "git.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TAIL ((size_t)2000)

/* How git's own words map to the daemon's errors; the first hit counts. */
typedef struct outcome {
  const char *words;
  unsigned status;
  const char *code;
  const char *message;
} outcome;

static const outcome outcomes[] = {
    {"Authentication failed", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"could not read Username", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"could not read Password", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"Permission denied (publickey", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"returned error: 401", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"returned error: 403", 403, NULL, "forbidden: authorization failed"},
    {"Remote branch", 404, "GIT_BRANCH_NOT_FOUND",
     "not found: the remote has no such branch"},
    {"already exists and is not an empty directory", 409, NULL,
     "conflict: the destination exists and is not empty"},
    {"does not appear to be a git repository", 404, "GIT_REPO_NOT_FOUND",
     "not found: repository not found"},
    {"not found", 404, "GIT_REPO_NOT_FOUND", "not found: repository not found"},
    {"does not exist", 404, "GIT_REPO_NOT_FOUND",
     "not found: repository not found"},
    {"returned error: 404", 404, "GIT_REPO_NOT_FOUND",
     "not found: repository not found"},
    {"could not create", 403, NULL, "forbidden: cannot write there"},
    {"Could not resolve host", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"Failed to connect", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"Connection refused", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"unable to access", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"unable to connect", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"RPC failed", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"early EOF", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"hung up", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"Could not read from remote", 502, "GIT_TRANSPORT_FAILED", NULL}};

/* Reads the credentials from the environment, so that neither a command line
 * nor a file ever holds them. */
static const char helper[] =
    "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' "
    "\"$DAYTONA_GIT_USERNAME\" \"$DAYTONA_GIT_PASSWORD\"; }; f";

static json_t *make_env(const dl_git_login *login) {
  json_t *env = json_pack("{s:s, s:s, s:s, s:s}", "GIT_TERMINAL_PROMPT", "0",
                          "LC_ALL", "C.UTF-8", "LANGUAGE", "",
                          "GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
  json_t *more = NULL;
  if (!env || !login || !*login->username || !*login->password) return env;
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

/* Runs git to its end, standard output in run->output, the rest in
 * run->errors; the caller frees `run`. `login` may be NULL. False if the
 * request has been answered with an error; a git that fails is none. */
bool dl_git_run(dl_http_request *req, dl_run *run, const char *cwd,
                const dl_git_login *login, const char *const *argv) {
  json_t *extra = make_env(login);
  char **env = extra ? dl_env_list(dl_daemon_of(req)->env, extra) : NULL;
  json_decref(extra);
  memset(run, 0, sizeof *run);
  run->argv = argv;
  run->env = env;
  run->cwd = cwd;
  run->input_fd = -1;
  run->extra_fd = -1;
  run->split = true;
  if (env) dl_run_wait(run);
  dl_env_list_free(env);
  if (!env || run->output.failed || run->errors.failed)
    dl_http_reply_error(req, 500, NULL, "internal server error: out of memory");
  else if (run->failure == ESHUTDOWN)
    dl_http_reply_error(req, 503, NULL, "the sandbox is stopping");
  else if (run->failure)
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: git cannot be started: %s",
                        strerror(run->failure));
  else
    return true;
  return false;
}

static void replace_all(dl_strbuf *text, const char *secret) {
  size_t len = strlen(secret);
  dl_strbuf out = {0};
  const char *at = text->data, *hit;
  if (len == 0 || !text->data) return;
  while ((hit = strstr(at, secret))) {
    dl_strbuf_add(&out, at, (size_t)(hit - at));
    dl_strbuf_adds(&out, "***");
    at = hit + len;
  }
  dl_strbuf_adds(&out, at);
  dl_strbuf_free(text);
  *text = out;
}

/* "scheme://user:password@host" loses what stands before the "@". */
static void hide_userinfo(dl_strbuf *text) {
  char *p = text->data;
  while (p && (p = strstr(p, "://"))) {
    size_t len, host;
    p += 3;
    len = strcspn(p, "/ '\"\n");
    for (host = len; host > 0 && p[host - 1] != '@'; host--)
      ;
    if (host > 0) memset(p, '*', host - 1);
  }
}

/* What git said last, without secrets. */
static void add_tail(dl_strbuf *text, const dl_run *run,
                     const dl_git_login *login) {
  dl_strbuf said = {0};
  size_t len;
  dl_strbuf_add(&said, run->errors.data ? run->errors.data : "",
                run->errors.len);
  if (login) {
    replace_all(&said, login->password);
    /* A long one may be a token; a short one may be part of any word. */
    if (strlen(login->username) >= 8) replace_all(&said, login->username);
  }
  hide_userinfo(&said);
  while (said.len > 0 && strchr("\r\n ", said.data[said.len - 1]))
    said.data[--said.len] = '\0';
  len = said.len > TAIL ? TAIL : said.len;
  if (len > 0) dl_strbuf_add(text, said.data + said.len - len, len);
  dl_strbuf_free(&said);
}

/* Answers for a git that ended with an error. */
void dl_git_failed(dl_http_request *req, const dl_run *run,
                   const dl_git_login *login) {
  const char *said = run->errors.data ? run->errors.data : "";
  dl_strbuf text = {0};
  const outcome *found = NULL;
  size_t i;
  for (i = 0; !found && i < sizeof outcomes / sizeof *outcomes; i++) {
    if (strstr(said, outcomes[i].words)) found = &outcomes[i];
  }
  if (found && found->message) dl_strbuf_addf(&text, "%s: ", found->message);
  add_tail(&text, run, login);
  if (text.len == 0)
    dl_strbuf_addf(&text, "git ended with status %d", run->exit_code);
  dl_http_reply_error(req, found ? found->status : 500,
                      found ? found->code : NULL, "%s",
                      text.failed ? "out of memory" : text.data);
  dl_strbuf_free(&text);
}

/* Starts reading the body of a git request. */
void dl_git_begin(dl_input *in, dl_http_request *req, const char *type) {
  dl_input_begin(in, req, type, "invalid body request: invalid request body: ",
                 DL_INPUT_INVALID_BODY);
}
