#include "git.h"
#include "path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Runs git in the repository whose root is `path`, which has no other answer
 * than success: else the request is answered and the result is false. The
 * caller frees `run` in both cases. */
bool dl_git_in(dl_http_request *req, dl_run *run, const char *path,
               const json_t *env, const char *const *words) {
  static const char *const fixed[] = {
    "git", "-c", "core.hooksPath=/dev/null", "-c",
    "advice.detachedHead=false", "-c", "core.quotePath=false"};
  enum { FIXED = sizeof fixed / sizeof *fixed };
  const char *small[40], **argv = small;
  char *inside = dl_path_join(path, ".git");
  struct stat st;
  size_t n = 0;
  bool ok;
  memset(run, 0, sizeof *run);
  if (!inside || stat(inside, &st)) {
    free(inside);
    dl_http_reply_error(req, 404, "GIT_REPO_NOT_FOUND",
                        "not found: repository does not exist");
    return false;
  }
  free(inside);
  while (words[n])
    n++;
  if (n + FIXED >= sizeof small / sizeof *small)
    argv = malloc((n + FIXED + 1) * sizeof *argv);
  if (!argv) {
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return false;
  }
  memcpy(argv, fixed, sizeof fixed);
  memcpy(argv + FIXED, words, (n + 1) * sizeof *words);
  ok = dl_git_run_env(req, run, path, env, argv);
  if (argv != small) free(argv);
  if (ok && run->exit_code != 0) {
    dl_git_failed(req, run, NULL);
    return false;
  }
  return ok;
}

/* The repository a GET names; answers 400 and gives NULL without one. */
static const char *path_of(dl_http_request *req) {
  const char *path = dl_http_query(req, "path");
  if (path && *path) return path;
  dl_http_reply_error(req, 400, NULL, "bad request: path is required");
  return NULL;
}

static const char *state_name(char letter) {
  switch (letter) {
    case 'M':
    case 'T': return "Modified";
    case 'A': return "Added";
    case 'D': return "Deleted";
    case 'R': return "Renamed";
    case 'C': return "Copied";
    case 'U': return "Updated but unmerged";
    case '?': return "Untracked";
    default: return "Unmodified";
  }
}

static void add_file(json_t *files, char staging, char worktree,
                     const char *name) {
  json_array_append_new(files,
                        json_pack("{s:o, s:s, s:s, s:s}", "name",
                                  dl_git_text(name, strlen(name)), "extra", "",
                                  "staging", state_name(staging), "worktree",
                                  state_name(worktree)));
}

/* What stands after `count` blanks. */
static const char *after_blanks(const char *p, int count) {
  while (p && count-- > 0) {
    p = strchr(p, ' ');
    if (p) p++;
  }
  return p ? p : "";
}

/* "# branch.NAME VALUE" */
static void read_branch_line(json_t *status, const char *line) {
  const char *value = after_blanks(line, 2);
  if (strncmp(line, "# branch.head ", 14) == 0) {
    bool detached = strcmp(value, "(detached)") == 0;
    json_object_set_new(status, "currentBranch",
                        detached ? json_string("HEAD")
                                 : dl_git_text(value, strlen(value)));
    json_object_set_new(status, "detached", json_boolean(detached));
  }
  else if (strncmp(line, "# branch.upstream ", 18) == 0)
    json_object_set_new(status, "upstream", dl_git_text(value, strlen(value)));
  else if (strncmp(line, "# branch.ab ", 12) == 0) {
    /* Only there if the upstream is known. */
    json_object_set_new(status, "branchPublished", json_true());
    json_object_set_new(status, "ahead",
                        json_integer(strtol(value + 1, NULL, 10)));
    json_object_set_new(
        status, "behind",
        json_integer(strtol(after_blanks(value, 1) + 1, NULL, 10)));
  }
}

/* Reads "git status --porcelain=v2 -z". */
static json_t *read_status(const dl_run *run) {
  json_t *files = json_array();
  json_t *status = json_pack(
      "{s:s, s:o, s:b, s:i, s:i, s:b}", "currentBranch", "", "fileStatus",
      files, "branchPublished", 0, "ahead", 0, "behind", 0, "detached", 0);
  const char *line = run->output.data;
  const char *end = line ? line + run->output.len : line;
  for (; status && line < end; line += strlen(line) + 1) {
    if (*line == '#')
      read_branch_line(status, line);
    else if (*line == '?')
      add_file(files, '?', '?', line + 2);
    else if (*line == '1')
      add_file(files, line[2], line[3], after_blanks(line, 8));
    else if (*line == 'u')
      add_file(files, line[2], line[3], after_blanks(line, 10));
  }
  return status;
}

/* GET /git/status */
void dl_git_status(dl_http_request *req) {
  static const char *const words[] = {
    "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all",
    "--no-renames", NULL};
  const char *path = path_of(req);
  dl_run run;
  if (!path) return;
  if (dl_git_in(req, &run, path, NULL, words))
    dl_http_reply_json(req, 200, read_status(&run));
  dl_run_free(&run);
}

/* Steps to the next of the NUL-separated fields. */
static const char *next_field(const char **at, const char *end) {
  const char *field = *at;
  *at += strlen(field) + 1;
  if (*at > end) *at = end;
  return field;
}

static json_t *read_history(const dl_run *run) {
  json_t *list = json_array();
  const char *at = run->output.data;
  const char *end = at ? at + run->output.len : at;
  while (at < end) {
    const char *field[5];
    int i;
    for (i = 0; i < 5; i++)
      field[i] = next_field(&at, end);
    json_array_append_new(
        list, json_pack("{s:s, s:o, s:o, s:o, s:s}", "hash", field[0],
                        "author", dl_git_text(field[1], strlen(field[1])),
                        "email", dl_git_text(field[2], strlen(field[2])),
                        "message", dl_git_text(field[4], strlen(field[4])),
                        "timestamp", field[3]));
  }
  return list;
}

/* GET /git/history */
void dl_git_history(dl_http_request *req) {
  static const char *const words[] = {
    "log", "-z", "--format=tformat:%H%x00%an%x00%ae%x00%aI%x00%B", "HEAD",
    "--", NULL};
  const char *path = path_of(req);
  dl_run run;
  if (!path) return;
  if (dl_git_in(req, &run, path, NULL, words))
    dl_http_reply_json(req, 200, read_history(&run));
  dl_run_free(&run);
}

/* The lines of an output as JSON strings, or null if there is none. */
static json_t *read_lines(const dl_run *run) {
  json_t *list = json_null();
  const char *at = run->output.data;
  const char *end = at ? at + run->output.len : at;
  while (at < end) {
    size_t len = strcspn(at, "\n");
    if (json_is_null(list)) list = json_array();
    json_array_append_new(list, dl_git_text(at, len));
    at += len + 1;
  }
  return list;
}

/* GET /git/branches */
void dl_git_branches(dl_http_request *req) {
  static const char *const all[] = {
    "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", NULL};
  static const char *const current[] = {"branch", "--show-current", NULL};
  const char *path = path_of(req);
  json_t *body;
  dl_run run;
  if (!path) return;
  if (!dl_git_in(req, &run, path, NULL, all)) {
    dl_run_free(&run);
    return;
  }
  body = json_pack("{s:o}", "branches", read_lines(&run));
  dl_run_free(&run);
  if (dl_git_in(req, &run, path, NULL, current)) {
    size_t len = run.output.len ? run.output.len - 1 : 0;
    json_object_set_new(body, "current",
                        dl_git_text(len ? run.output.data : "", len));
    dl_http_reply_json(req, 200, json_incref(body));
  }
  json_decref(body);
  dl_run_free(&run);
}
