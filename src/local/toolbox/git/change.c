#include "git.h"
#include "toolbox/text.h"

#include <stdlib.h>
#include <string.h>

void dl_git_init(dl_http_request *req) {
  dl_input in;
  dl_strbuf option = {0};
  size_t n = 0;
  dl_git_begin(&in, req, "GitInitRequest");
  const char *path = dl_input_string(&in, "path", true);
  const char *branch = dl_input_string(&in, "initial_branch", false);
  bool bare = dl_input_bool(&in, "bare");
  if (!dl_input_ok(&in))
    return;
  dl_strbuf_addf(&option, "--initial-branch=%s", *branch ? branch : "main");
  json_t *env = dl_git_env(NULL);
  const char *argv[8];
  argv[n++] = "git";
  argv[n++] = "init";
  argv[n++] = "--quiet";
  if (bare)
    argv[n++] = "--bare";
  argv[n++] = option.failed ? "--" : option.data;
  argv[n++] = "--";
  argv[n++] = path;
  argv[n] = NULL;
  dl_run run;
  if (dl_git_run(req, &run, NULL, env, argv)) {
    if (run.exit_code == 0)
      dl_http_reply_empty(req, 201);
    else
      dl_git_failed(req, &run, NULL);
  }
  dl_run_free(&run);
  json_decref(env);
  dl_strbuf_free(&option);
}

void dl_git_add(dl_http_request *req) {
  dl_input in;
  size_t i, n = 0;
  dl_git_begin(&in, req, "GitAddRequest");
  const char *path = dl_input_string(&in, "path", true);
  json_t *files = dl_input_strings(&in, "files", true);
  if (!dl_input_ok(&in))
    return;
  if (json_array_size(files) == 0) {
    dl_http_reply_empty(req, 200);
    return;
  }
  const char **words;
  words = calloc(json_array_size(files) + 4, sizeof *words);
  if (!words) {
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  words[n++] = "add";
  words[n++] = "--all";
  words[n++] = "--";
  json_t *file;
  json_array_foreach(files, i, file) {
    words[n++] = json_string_value(file);
  }
  dl_git_reply(req, path, words, 200);
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
    dl_http_reply_json(req, 200,
                       json_pack("{s:o}", "hash",
                                 dl_text_json(run.output.data,
                                              strcspn(run.output.data, "\n"))));
  dl_run_free(&run);
}

void dl_git_commit(dl_http_request *req) {
  const char *words[] = {"commit",
                         "--quiet",
                         "--cleanup=verbatim",
                         "--no-gpg-sign",
                         "--message",
                         NULL,
                         NULL,
                         NULL};
  dl_input in;
  dl_git_begin(&in, req, "GitCommitRequest");
  const char *path = dl_input_string(&in, "path", true);
  words[5] = dl_input_string(&in, "message", true);
  const char *author = dl_input_string(&in, "author", true);
  const char *email = dl_input_string(&in, "email", true);
  bool empty = dl_input_bool(&in, "allow_empty");
  if (!dl_input_ok(&in))
    return;
  if (empty)
    words[6] = "--allow-empty";
  json_t *who = identity(author, email);
  dl_run run;
  bool done = dl_git_in(req, &run, path, who, words);
  json_decref(who);
  dl_run_free(&run);
  if (done)
    reply_hash(req, path);
}
