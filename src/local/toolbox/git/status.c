#include "git.h"
#include "toolbox/text.h"

#include <stdlib.h>
#include <string.h>

static const char *state_name(char letter) {
  switch (letter) {
    case 'M':
    case 'T':
      return "Modified";
    case 'A':
      return "Added";
    case 'D':
      return "Deleted";
    case 'R':
      return "Renamed";
    case 'C':
      return "Copied";
    case 'U':
      return "Updated but unmerged";
    case '?':
      return "Untracked";
    default:
      return "Unmodified";
  }
}

static void add_file(json_t *files, char staging, char worktree,
                     const char *name) {
  json_array_append_new(
      files, json_pack("{s:o, s:s, s:s, s:s}", "name",
                       dl_text_json(name, strlen(name)), "extra", "", "staging",
                       state_name(staging), "worktree", state_name(worktree)));
}

/* What stands after `count` blanks. */
static const char *after_blanks(const char *p, int count) {
  while (p && count-- > 0) {
    p = strchr(p, ' ');
    if (p)
      p++;
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
                                 : dl_text_json(value, strlen(value)));
    json_object_set_new(status, "detached", json_boolean(detached));
  }
  else if (strncmp(line, "# branch.upstream ", 18) == 0)
    json_object_set_new(status, "upstream", dl_text_json(value, strlen(value)));
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
  json_t *status = json_pack("{s:s, s:o, s:b, s:i, s:i, s:b}", "currentBranch",
                             "", "fileStatus", files, "branchPublished", 0,
                             "ahead", 0, "behind", 0, "detached", 0);
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

void dl_git_status(dl_http_request *req) {
  static const char *const words[] = {
      "status", "--porcelain=v2",        "--branch",
      "-z",     "--untracked-files=all", "--no-renames",
      NULL};
  const char *path = dl_git_path(req);
  dl_run run;
  if (!path)
    return;
  if (dl_git_in(req, &run, path, NULL, words))
    dl_http_reply_json(req, 200, read_status(&run));
  dl_run_free(&run);
}
