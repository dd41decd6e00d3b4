#include "git.h"

#include <stdlib.h>
#include <string.h>

/* Runs one git command in the repository and answers with `status`. */
static void run_and_reply(dl_http_request *req, const char *path,
                          const char *const *words, unsigned status) {
  dl_run run;
  if (dl_git_in(req, &run, path, NULL, words)) dl_http_reply_empty(req, status);
  dl_run_free(&run);
}

/* What could be taken for an option is no name. Answers 400 for one. */
static bool is_name(dl_http_request *req, const char *name) {
  if (*name != '-') return true;
  dl_http_reply_error(req, 400, NULL, "bad request: invalid name: %s", name);
  return false;
}

/* POST /git/init */
void dl_git_init(dl_http_request *req) {
  const char *argv[8], *path, *branch;
  dl_input in;
  dl_run run;
  dl_strbuf option = {0};
  size_t n = 0;
  bool bare;
  dl_git_begin(&in, req, "GitInitRequest");
  path = dl_input_string(&in, "path", true);
  branch = dl_input_string(&in, "initial_branch", false);
  bare = dl_input_bool(&in, "bare");
  if (!dl_input_ok(&in)) return;
  dl_strbuf_addf(&option, "--initial-branch=%s", *branch ? branch : "main");
  argv[n++] = "git";
  argv[n++] = "init";
  argv[n++] = "--quiet";
  if (bare) argv[n++] = "--bare";
  argv[n++] = option.failed ? "--" : option.data;
  argv[n++] = "--";
  argv[n++] = path;
  argv[n] = NULL;
  if (dl_git_run_env(req, &run, NULL, NULL, argv)) {
    if (run.exit_code == 0)
      dl_http_reply_empty(req, 201);
    else
      dl_git_failed(req, &run, NULL);
  }
  dl_run_free(&run);
  dl_strbuf_free(&option);
}

/* POST /git/add */
void dl_git_add(dl_http_request *req) {
  const char *path, **words;
  json_t *files, *file;
  dl_input in;
  size_t i, n = 0;
  dl_git_begin(&in, req, "GitAddRequest");
  path = dl_input_string(&in, "path", true);
  files = dl_input_strings(&in, "files", true);
  if (!dl_input_ok(&in)) return;
  if (json_array_size(files) == 0) {
    dl_http_reply_empty(req, 200);
    return;
  }
  words = calloc(json_array_size(files) + 4, sizeof *words);
  if (!words) {
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  words[n++] = "add";
  words[n++] = "--all";
  words[n++] = "--";
  json_array_foreach(files, i, file) {
    words[n++] = json_string_value(file);
  }
  run_and_reply(req, path, words, 200);
  free(words);
}

/* The author and committer of a commit, as git's environment. */
static json_t *identity(const char *name, const char *email) {
  return json_pack("{s:s, s:s, s:s, s:s}", "GIT_AUTHOR_NAME", name,
                   "GIT_AUTHOR_EMAIL", email, "GIT_COMMITTER_NAME", name,
                   "GIT_COMMITTER_EMAIL", email);
}

static void reply_hash(dl_http_request *req, const char *path) {
  static const char *const words[] = {"rev-parse", "HEAD", NULL};
  dl_run run;
  if (dl_git_in(req, &run, path, NULL, words))
    dl_http_reply_json(
        req, 200,
        json_pack("{s:o}", "hash",
                  dl_git_text(run.output.data,
                              strcspn(run.output.data, "\n"))));
  dl_run_free(&run);
}

/* POST /git/commit */
void dl_git_commit(dl_http_request *req) {
  const char *words[] = {"commit", "--quiet", "--cleanup=verbatim",
                         "--no-gpg-sign", "--message", NULL, NULL, NULL};
  const char *path, *author, *email;
  json_t *who;
  dl_input in;
  dl_run run;
  bool empty, done;
  dl_git_begin(&in, req, "GitCommitRequest");
  path = dl_input_string(&in, "path", true);
  words[5] = dl_input_string(&in, "message", true);
  author = dl_input_string(&in, "author", true);
  email = dl_input_string(&in, "email", true);
  empty = dl_input_bool(&in, "allow_empty");
  if (!dl_input_ok(&in)) return;
  if (empty) words[6] = "--allow-empty";
  who = identity(author, email);
  done = dl_git_in(req, &run, path, who, words);
  json_decref(who);
  dl_run_free(&run);
  if (done) reply_hash(req, path);
}

/* Reads the body that names a branch. False if the request was answered. */
static bool read_branch(dl_http_request *req, const char *type,
                        const char *field, const char **path,
                        const char **name) {
  dl_input in;
  dl_git_begin(&in, req, type);
  *path = dl_input_string(&in, "path", true);
  *name = dl_input_string(&in, field, true);
  return dl_input_ok(&in) && is_name(req, *name);
}

/* POST /git/branches */
void dl_git_branch_create(dl_http_request *req) {
  const char *words[] = {"checkout", "--quiet", "-b", NULL, NULL};
  const char *path;
  if (read_branch(req, "GitBranchRequest", "name", &path, &words[3]))
    run_and_reply(req, path, words, 201);
}

/* DELETE /git/branches: the ref goes, whatever it is; none is fine, too. */
void dl_git_branch_delete(dl_http_request *req) {
  const char *words[] = {"update-ref", "-d", NULL, NULL};
  const char *path, *name;
  dl_strbuf ref = {0};
  if (!read_branch(req, "GitDeleteBranchRequest", "name", &path, &name)) return;
  dl_strbuf_addf(&ref, "refs/heads/%s", name);
  words[2] = ref.data;
  if (ref.failed)
    dl_http_reply_error(req, 500, NULL, "out of memory");
  else
    run_and_reply(req, path, words, 204);
  dl_strbuf_free(&ref);
}

/* POST /git/checkout: a local branch, or a commit by its full hash. */
void dl_git_checkout(dl_http_request *req) {
  const char *branch[] = {"show-ref", "--verify", "--quiet", NULL, NULL};
  const char *words[] = {"checkout", "--quiet", NULL, "--", NULL};
  const char *path;
  dl_strbuf ref = {0};
  dl_run run;
  bool known;
  if (!read_branch(req, "GitCheckoutRequest", "branch", &path, &words[2]))
    return;
  dl_strbuf_addf(&ref, "refs/heads/%s", words[2]);
  branch[3] = ref.data;
  known = !ref.failed && !dl_git_is_hash(words[2])
              ? dl_git_asks(req, &run, path, branch)
              : true;
  if (known)
    run_and_reply(req, path, words, 200);
  else if (!dl_http_replied(req))
    dl_http_reply_error(req, 404, "GIT_BRANCH_NOT_FOUND",
                        "not found: failed to checkout branch or commit '%s': "
                        "reference not found",
                        words[2]);
  dl_strbuf_free(&ref);
}
