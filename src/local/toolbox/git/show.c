#include "git.h"
#include "toolbox/text.h"

#include <string.h>

/* Steps to the next of the NUL-separated fields. */
static const char *next_field(const char **at, const char *end) {
  const char *field = *at;
  *at += strlen(field) + 1;
  if (*at > end)
    *at = end;
  return field;
}

static json_t *read_history(const dl_run *run) {
  json_t *list = json_array();
  const char *at = run->output.data;
  const char *end = at ? at + run->output.len : at;
  while (at < end) {
    const char *field[5];
    for (int i = 0; i < 5; i++)
      field[i] = next_field(&at, end);
    json_array_append_new(
        list, json_pack("{s:s, s:o, s:o, s:o, s:s}", "hash", field[0], "author",
                        dl_text_json(field[1], strlen(field[1])), "email",
                        dl_text_json(field[2], strlen(field[2])), "message",
                        dl_text_json(field[4], strlen(field[4])), "timestamp",
                        field[3]));
  }
  return list;
}

void dl_git_history(dl_http_request *req) {
  static const char *const words[] = {
      "log",  "-z", "--format=tformat:%H%x00%an%x00%ae%x00%aI%x00%B",
      "HEAD", "--", NULL};
  const char *path = dl_git_path(req);
  dl_run run;
  if (!path)
    return;
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
    if (json_is_null(list))
      list = json_array();
    json_array_append_new(list, dl_text_json(at, len));
    at += len + 1;
  }
  return list;
}

void dl_git_branches(dl_http_request *req) {
  static const char *const all[] = {
      "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads", NULL};
  static const char *const current[] = {"branch", "--show-current", NULL};
  const char *path = dl_git_path(req);
  json_t *body;
  dl_run run;
  if (!path)
    return;
  if (!dl_git_in(req, &run, path, NULL, all)) {
    dl_run_free(&run);
    return;
  }
  body = json_pack("{s:o}", "branches", read_lines(&run));
  dl_run_free(&run);
  if (dl_git_in(req, &run, path, NULL, current)) {
    size_t len = run.output.len ? run.output.len - 1 : 0;
    json_object_set_new(body, "current",
                        dl_text_json(len ? run.output.data : "", len));
    dl_http_reply_json(req, 200, json_incref(body));
  }
  json_decref(body);
  dl_run_free(&run);
}
