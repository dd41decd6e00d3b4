#include "git.h"

#include <stdlib.h>
#include <string.h>

static bool is_mode(const char *mode) {
  static const char *const modes[] = {"--soft", "--mixed", "--hard", "--merge",
                                      "--keep"};
  size_t i;
  for (i = 0; i < sizeof modes / sizeof *modes; i++) {
    if (strcmp(modes[i], mode) == 0)
      return true;
  }
  return false;
}

/* Runs git with `n` words and then the files, and answers 200. */
static void reply_files(dl_http_request *req, const char *path,
                        const char *const *words, size_t n,
                        const json_t *files) {
  const char **all = calloc(n + json_array_size(files) + 2, sizeof *all);
  if (!all) {
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  memcpy(all, words, n * sizeof *words);
  all[n++] = "--";
  json_t *file;
  size_t i;
  json_array_foreach(files, i, file) {
    all[n++] = json_string_value(file);
  }
  dl_git_reply(req, path, all, 200);
  free(all);
}

void dl_git_reset(dl_http_request *req) {
  const char *words[] = {"reset", "--quiet", NULL, NULL};
  dl_strbuf option = {0};
  dl_input in;
  size_t n = 2;
  dl_git_begin(&in, req, "GitResetRequest");
  const char *path = dl_input_string(&in, "path", true);
  const char *mode = dl_input_string(&in, "mode", false);
  const char *target = dl_input_string(&in, "target", false);
  json_t *files = dl_input_strings(&in, "files", false);
  if (!dl_input_ok(&in) || !dl_git_is_name(req, target))
    return;
  dl_strbuf_addf(&option, "--%s", *mode ? mode : "mixed");
  if (option.failed)
    dl_http_reply_error(req, 500, NULL, "out of memory");
  else if (!is_mode(option.data))
    dl_http_reply_error(req, 400, NULL, "bad request: invalid reset mode: %s",
                        mode);
  else if (json_array_size(files) > 0 && strcmp(option.data, "--mixed") != 0)
    dl_http_reply_error(req, 400, NULL,
                        "bad request: files can only be reset in mode mixed");
  else {
    if (json_array_size(files) == 0)
      words[n++] = option.data;
    words[n++] = *target ? target : "HEAD";
    reply_files(req, path, words, n, files);
  }
  dl_strbuf_free(&option);
}

void dl_git_restore(dl_http_request *req) {
  const char *words[] = {"restore", "--quiet", NULL, NULL, NULL};
  dl_strbuf option = {0};
  dl_input in;
  size_t n = 2;
  dl_git_begin(&in, req, "GitRestoreRequest");
  const char *path = dl_input_string(&in, "path", true);
  json_t *files = dl_input_strings(&in, "files", true);
  const char *source = dl_input_string(&in, "source", false);
  bool staged = dl_input_bool(&in, "staged");
  bool worktree = dl_input_bool(&in, "worktree");
  if (!dl_input_ok(&in))
    return;
  dl_strbuf_addf(&option, "--source=%s", source);
  if (staged)
    words[n++] = "--staged";
  if (worktree)
    words[n++] = "--worktree";
  if (*source && !option.failed)
    words[n++] = option.data;
  if (option.failed)
    dl_http_reply_error(req, 500, NULL, "out of memory");
  else
    reply_files(req, path, words, n, files);
  dl_strbuf_free(&option);
}
