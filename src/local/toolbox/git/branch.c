#include "git.h"

#include <string.h>

/* Reads the body that names a branch. False if the request was answered. */
static bool read_branch(dl_http_request *req, const char *type,
                        const char *field, const char **path,
                        const char **name) {
  dl_input in;
  dl_git_begin(&in, req, type);
  *path = dl_input_string(&in, "path", true);
  *name = dl_input_string(&in, field, true);
  return dl_input_ok(&in) && dl_git_is_name(req, *name);
}

void dl_git_branch_create(dl_http_request *req) {
  const char *words[] = {"checkout", "--quiet", "-b", NULL, NULL};
  const char *path;
  if (read_branch(req, "GitBranchRequest", "name", &path, &words[3]))
    dl_git_reply(req, path, words, 201);
}

void dl_git_branch_delete(dl_http_request *req) {
  const char *words[] = {"update-ref", "-d", NULL, NULL};
  const char *path, *name;
  dl_strbuf ref = {0};
  if (!read_branch(req, "GitDeleteBranchRequest", "name", &path, &name))
    return;
  dl_strbuf_addf(&ref, "refs/heads/%s", name);
  words[2] = ref.data;
  if (ref.failed)
    dl_http_reply_error(req, 500, NULL, "out of memory");
  else
    dl_git_reply(req, path, words, 204);
  dl_strbuf_free(&ref);
}

void dl_git_checkout(dl_http_request *req) {
  const char *branch[] = {"show-ref", "--verify", "--quiet", NULL, NULL};
  const char *words[] = {"checkout", "--quiet", NULL, "--", NULL};
  const char *path;
  dl_strbuf ref = {0};
  bool known = true;
  if (!read_branch(req, "GitCheckoutRequest", "branch", &path, &words[2]))
    return;
  dl_strbuf_addf(&ref, "refs/heads/%s", words[2]);
  branch[3] = ref.data;
  dl_run run;
  if (!ref.failed && !dl_git_is_hash(words[2])) {
    known = dl_git_try(req, &run, path, NULL, branch) && run.exit_code == 0;
    dl_run_free(&run);
  }
  if (known)
    dl_git_reply(req, path, words, 200);
  else if (!dl_http_replied(req))
    dl_http_reply_error(req, 404, "GIT_BRANCH_NOT_FOUND",
                        "not found: failed to checkout branch or commit '%s': "
                        "reference not found",
                        words[2]);
  dl_strbuf_free(&ref);
}
