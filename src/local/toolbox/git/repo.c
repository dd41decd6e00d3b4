#include "git.h"
#include "toolbox/path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FIXED 8

static bool has(const char *path, const char *name) {
  char *inside = dl_path_join(path, name);
  struct stat st;
  bool found = inside && stat(inside, &st) == 0;
  free(inside);
  return found;
}

/* Whether it is the root of a repository, or a bare one. Git itself would look
 * further up. */
static bool is_repository(const char *path) {
  return has(path, ".git") ||
         (has(path, "HEAD") && has(path, "objects") && has(path, "refs"));
}

/* Runs git with `words` (NULL-terminated) in the repository whose root is
 * `path`; `more` (may be NULL) adds to the environment. The caller frees `run`
 * whatever happens. False if the request has been answered with an error; a git
 * that fails is none. */
bool dl_git_try(dl_http_request *req, dl_run *run, const char *path,
                const json_t *more, const char *const *words) {
  size_t n = 0, i;
  memset(run, 0, sizeof *run);
  if (!is_repository(path)) {
    dl_http_reply_error(req, 404, "GIT_REPO_NOT_FOUND",
                        "not found: repository does not exist");
    return false;
  }
  for (i = 0; words[i];)
    i++;
  const char **argv;
  argv = calloc(i + MAX_FIXED, sizeof *argv);
  json_t *env = dl_git_env(NULL);
  if (!argv || !env ||
      (more && json_object_update(env, (json_t *)(uintptr_t)more))) {
    json_decref(env);
    free(argv);
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return false;
  }
  argv[n++] = "git";
  argv[n++] = "-c";
  argv[n++] = "core.hooksPath=/dev/null";
  argv[n++] = "-c";
  argv[n++] = "advice.detachedHead=false";
  memcpy(argv + n, words, i * sizeof *words);
  bool ok = dl_git_run(req, run, path, env, argv);
  json_decref(env);
  free(argv);
  return ok;
}

bool dl_git_in(dl_http_request *req, dl_run *run, const char *path,
               const json_t *more, const char *const *words) {
  if (!dl_git_try(req, run, path, more, words))
    return false;
  if (run->exit_code == 0)
    return true;
  dl_git_failed(req, run, NULL);
  return false;
}

const char *dl_git_path(dl_http_request *req) {
  const char *path = dl_http_query(req, "path");
  if (path && *path)
    return path;
  dl_http_reply_error(req, 400, NULL, "bad request: path is required");
  return NULL;
}

void dl_git_reply(dl_http_request *req, const char *path,
                  const char *const *words, unsigned status) {
  dl_run run;
  if (dl_git_in(req, &run, path, NULL, words))
    dl_http_reply_empty(req, status);
  dl_run_free(&run);
}
