#include "git.h"

#include <string.h>

/* The branch that is checked out, to be freed in `run`; NULL if the request was
 * answered, as it is where there is none. */
static const char *current_branch(dl_http_request *req, dl_run *run,
                                  const char *path) {
  static const char *const words[] = {"symbolic-ref", "--quiet", "--short",
                                      "HEAD", NULL};
  if (!dl_git_try(req, run, path, NULL, words))
    return NULL;
  if (run->exit_code == 0 && run->output.len > 1) {
    run->output.data[strcspn(run->output.data, "\n")] = '\0';
    return run->output.data;
  }
  dl_http_reply_error(req, 404, "GIT_BRANCH_NOT_FOUND",
                      "not found: HEAD is on no branch");
  return NULL;
}

static bool has_upstream(dl_http_request *req, const char *path) {
  static const char *const words[] = {"rev-parse", "--verify", "--quiet",
                                      "@{upstream}", NULL};
  dl_run run;
  bool found = dl_git_try(req, &run, path, NULL, words) && run.exit_code == 0;
  dl_run_free(&run);
  return found;
}

/* Runs git with the credentials and answers 200 with no body. */
static void reply_with(dl_http_request *req, const char *path,
                       const dl_git_login *login, const char *const *words) {
  json_t *env = dl_git_env(login);
  dl_run run = {0};
  if (!env)
    dl_http_reply_error(req, 500, NULL, "out of memory");
  else if (dl_git_try(req, &run, path, env, words)) {
    if (run.exit_code == 0)
      dl_http_reply_empty(req, 200);
    else
      dl_git_failed(req, &run, login);
  }
  dl_run_free(&run);
  json_decref(env);
}

typedef struct transfer {
  const char *path;
  const char *remote; /* "" where none was named */
  const char *branch; /* the same */
  dl_git_login login;
  bool set_upstream;
} transfer;

/* Whether the text names one branch, or none: a pattern or a pair would move
 * others than the caller has named. Answers 400 for those. */
static bool is_branch(dl_http_request *req, const char *name) {
  if (*name != '+' && !strpbrk(name, ":*?[\\^~ "))
    return dl_git_is_name(req, name);
  dl_http_reply_error(req, 400, NULL, "bad request: invalid name: %s", name);
  return false;
}

/* False if the request was answered. */
static bool read_transfer(dl_http_request *req, const char *type,
                          transfer *out) {
  dl_input in;
  dl_git_begin(&in, req, type);
  out->path = dl_input_string(&in, "path", true);
  out->remote = dl_input_string(&in, "remote", false);
  out->branch = dl_input_string(&in, "branch", false);
  out->login.username = dl_input_string(&in, "username", false);
  out->login.password = dl_input_string(&in, "password", false);
  out->set_upstream = dl_input_bool(&in, "set_upstream");
  return dl_input_ok(&in) && dl_git_is_name(req, out->remote) &&
         is_branch(req, out->branch);
}

void dl_git_push(dl_http_request *req) {
  const char *words[] = {"push", "--quiet", NULL, NULL, NULL, NULL};
  dl_strbuf refs = {0};
  dl_run run = {0};
  size_t n = 2;
  transfer t;
  if (!read_transfer(req, "GitPushRequest", &t))
    return;
  if (!*t.branch)
    t.branch = current_branch(req, &run, t.path);
  if (t.branch) {
    dl_strbuf_addf(&refs, "refs/heads/%s:refs/heads/%s", t.branch, t.branch);
    if (t.set_upstream)
      words[n++] = "--set-upstream";
    words[n++] = *t.remote ? t.remote : "origin";
    words[n] = refs.data;
    if (refs.failed)
      dl_http_reply_error(req, 500, NULL, "out of memory");
    else
      reply_with(req, t.path, &t.login, words);
  }
  dl_strbuf_free(&refs);
  dl_run_free(&run);
}

void dl_git_pull(dl_http_request *req) {
  const char *words[] = {
      "-c", "pull.rebase=false", "pull", "--quiet", "--ff-only", NULL, NULL,
      NULL};
  dl_run run = {0};
  transfer t;
  if (!read_transfer(req, "GitPullRequest", &t))
    return;
  if (*t.remote || *t.branch || !has_upstream(req, t.path)) {
    if (!*t.branch && !dl_http_replied(req))
      t.branch = current_branch(req, &run, t.path);
    words[5] = *t.remote ? t.remote : "origin";
    words[6] = t.branch;
  }
  if (!dl_http_replied(req))
    reply_with(req, t.path, &t.login, words);
  dl_run_free(&run);
}

/* Adds {name, url} for "remote.NAME.url" and its value. */
static void add_remote(json_t *list, const char *key, const char *url) {
  static const char before[] = "remote.", after[] = ".url";
  size_t len = strlen(key), skip = sizeof before - 1, end = sizeof after - 1;
  if (len > skip + end)
    json_array_append_new(list, json_pack("{s:s%,s:s}", "name", key + skip,
                                          len - skip - end, "url", url));
}

void dl_git_remotes(dl_http_request *req) {
  static const char *const words[] = {"config", "--null", "--get-regexp",
                                      "^remote\\..*\\.url$", NULL};
  const char *path = dl_git_path(req), *at, *end;
  json_t *list;
  dl_run run;
  if (!path)
    return;
  if (dl_git_try(req, &run, path, NULL, words)) {
    list = json_array();
    at = run.output.data;
    end = at ? at + run.output.len : NULL;
    while (at && at < end) {
      char *value = strchr(at, '\n');
      const char *next = at + strlen(at) + 1;
      if (value) {
        *value = '\0';
        add_remote(list, at, value + 1);
      }
      at = next;
    }
    dl_http_reply_json(req, 200, json_pack("{s:o}", "remotes", list));
  }
  dl_run_free(&run);
}

/* Takes a remote away; one that is not there is fine. False if the request was
 * answered. */
static bool remove_remote(dl_http_request *req, const char *path,
                          const char *name) {
  const char *const words[] = {"remote", "remove", name, NULL};
  dl_run run;
  bool ran = dl_git_try(req, &run, path, NULL, words);
  dl_run_free(&run);
  return ran;
}

void dl_git_remote_add(dl_http_request *req) {
  const char *words[] = {"remote", "add", NULL, NULL, NULL, NULL};
  size_t n = 2;
  dl_input in;
  dl_git_begin(&in, req, "GitAddRemoteRequest");
  const char *path = dl_input_string(&in, "path", true);
  const char *name = dl_input_string(&in, "name", true);
  const char *url = dl_input_string(&in, "url", true);
  bool fetch = dl_input_bool(&in, "fetch");
  bool overwrite = dl_input_bool(&in, "overwrite");
  if (!dl_input_ok(&in) || !dl_git_is_name(req, name) ||
      !dl_git_is_name(req, url) ||
      (overwrite && !remove_remote(req, path, name)))
    return;
  if (fetch)
    words[n++] = "--fetch";
  words[n++] = name;
  words[n] = url;
  dl_git_reply(req, path, words, 201);
}
