#include "as.h"
#include "git.h"
#include "toolbox/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct clone {
  const char *url;
  const char *path; /* absolute */
  const char *branch;
  const char *commit;
  bool insecure;
  unsigned depth;
  dl_git_login login;
  json_t *env;
  char *made; /* the topmost directory that was not there before, or NULL */
} clone;

/* Whether nothing stands in the way at `path`: nothing, or an empty
 * directory. */
static bool is_free(const char *path) {
  DIR *directory = opendir(path);
  bool empty = true;
  if (!directory)
    return errno == ENOENT;
  struct dirent *entry;
  while (empty && (entry = readdir(directory)))
    empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
  closedir(directory);
  return empty;
}

/* The first directory on the way to `path` that does not exist yet; NULL if
 * all exist. */
static char *first_missing(const char *path) {
  char *at = strdup(path), *missing = NULL;
  struct stat st;
  while (at && lstat(at, &st) && errno == ENOENT) {
    char *parent = dl_path_parent(at);
    free(missing);
    missing = at;
    at = parent;
  }
  free(at);
  return missing;
}

static void remove_content(const char *path) {
  DIR *directory = opendir(path);
  struct dirent *entry;
  while (directory && (entry = readdir(directory))) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    char *inner = dl_path_join(path, entry->d_name);
    if (inner)
      dl_path_remove_tree(inner);
    free(inner);
  }
  if (directory)
    closedir(directory);
}

/* Leaves the place as it was before. */
static void undo(const clone *c) {
  if (c->made)
    dl_path_remove_tree(c->made);
  else
    remove_content(c->path);
}

/* Options every command of a clone needs: no hooks of anybody's template, and
 * no certificate check if so wished. Returns how many words were put. */
static size_t put_options(const clone *c, const char **argv) {
  size_t n = 0;
  argv[n++] = "git";
  argv[n++] = "-c";
  argv[n++] = "core.hooksPath=/dev/null";
  argv[n++] = "-c";
  argv[n++] = "advice.detachedHead=false";
  if (c->insecure) {
    argv[n++] = "-c";
    argv[n++] = "http.sslVerify=false";
  }
  return n;
}

static bool run_clone(dl_http_request *req, const clone *c, dl_run *run) {
  const char *argv[24];
  size_t n = put_options(c, argv);
  argv[n++] = "clone";
  argv[n++] = "--quiet";
  argv[n++] = "--single-branch";
  if (*c->branch) {
    argv[n++] = "--branch";
    argv[n++] = c->branch;
  }
  char depth[16];
  if (c->depth > 0) {
    snprintf(depth, sizeof depth, "%u", c->depth);
    argv[n++] = "--depth";
    argv[n++] = depth;
  }
  argv[n++] = "--";
  argv[n++] = c->url;
  argv[n++] = c->path;
  argv[n] = NULL;
  return dl_git_run(req, run, NULL, c->env, argv);
}

/* Runs git in the clone with up to four words. */
static bool run_inside(dl_http_request *req, const clone *c, dl_run *run,
                       const char *const *words) {
  const char *argv[24];
  size_t n = put_options(c, argv);
  while (*words)
    argv[n++] = *words++;
  argv[n] = NULL;
  return dl_git_run(req, run, c->path, c->env, argv);
}

/* Checks the commit out; one that the branch's history does not hold is asked
 * for by itself. 0, 1 if there is none, -1 if the request was answered. */
static int checkout(dl_http_request *req, const clone *c) {
  const char *const direct[] = {"checkout", "--quiet", "--detach", c->commit,
                                NULL};
  const char *const fetch[] = {"fetch",  "--quiet", "--depth=1",
                               "origin", c->commit, NULL};
  const char *const *steps[3];
  int i, code = 1;
  steps[0] = direct;
  steps[1] = fetch;
  steps[2] = direct;
  for (i = 0; i < 3; i++) {
    dl_run run;
    bool ran = run_inside(req, c, &run, steps[i]);
    code = run.exit_code;
    dl_run_free(&run);
    if (!ran)
      return -1;
    if ((i != 1 && code == 0) || (i == 1 && code != 0))
      break;
  }
  return code == 0 ? 0 : 1;
}

/* False if the request was answered with an error. */
static bool make_clone(dl_http_request *req, const clone *c) {
  dl_run run;
  bool ok = run_clone(req, c, &run);
  bool empty = ok && run.exit_code == 0 && run.errors.data &&
               strstr(run.errors.data, "cloned an empty repository");
  if (ok && run.exit_code != 0) {
    dl_git_failed(req, &run, &c->login);
    ok = false;
  }
  dl_run_free(&run);
  if (empty) {
    dl_http_reply_error(req, 404, "GIT_REPO_NOT_FOUND",
                        "not found: remote repository is empty");
    return false;
  }
  if (!ok || !*c->commit)
    return ok;
  switch (checkout(req, c)) {
    case 0:
      return true;
    case 1:
      dl_http_reply_error(req, 404, NULL, "not found: object not found: %s",
                          c->commit);
      return false;
    default:
      return false;
  }
}

/* What can be said without asking the remote. */
static bool is_sound(dl_http_request *req, const clone *c) {
  if (strpbrk(c->login.username, "\r\n") || strpbrk(c->login.password, "\r\n"))
    dl_http_reply_error(req, 400, NULL,
                        "bad request: credentials contain a line break");
  else if (*c->branch == '-')
    dl_http_reply_error(req, 400, NULL, "bad request: invalid branch name: %s",
                        c->branch);
  else if (*c->commit && !dl_git_is_hash(c->commit))
    dl_http_reply_error(req, 404, NULL,
                        "not found: object not found: %s (a full commit hash "
                        "is needed)",
                        c->commit);
  else if (!is_free(c->path))
    dl_http_reply_error(req, 409, NULL,
                        "conflict: the destination exists and is not an empty "
                        "directory: %s",
                        c->path);
  else
    return true;
  return false;
}

/* POST /git/clone */
void dl_git_clone(dl_http_request *req) {
  if (dl_as_now()->old_git) {
    dl_git_clone_old(req);
    return;
  }
  clone c;
  memset(&c, 0, sizeof c);
  dl_input in;
  dl_git_begin(&in, req, "GitCloneRequest");
  c.url = dl_input_string(&in, "url", true);
  const char *path = dl_input_string(&in, "path", true);
  c.branch = dl_input_string(&in, "branch", false);
  c.commit = dl_input_string(&in, "commit_id", false);
  c.login.username = dl_input_string(&in, "username", false);
  c.login.password = dl_input_string(&in, "password", false);
  c.insecure = dl_input_bool(&in, "insecure_skip_tls");
  c.depth = dl_input_uint32(&in, "depth");
  if (!dl_input_ok(&in))
    return;
  c.env = dl_git_env(&c.login);
  char *full = dl_path_absolute(path);
  c.path = full ? full : path;
  if (is_sound(req, &c)) {
    c.made = first_missing(c.path);
    if (make_clone(req, &c))
      dl_http_reply_empty(req, 200);
    else
      undo(&c);
    free(c.made);
  }
  json_decref(c.env);
  free(full);
}
