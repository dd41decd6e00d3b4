#include "as.h"
#include "git.h"
#include "strbuf.h"
#include "toolbox/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A clone as go-git makes it: into whatever is there, over its files; of a
 * branch and of nothing else that has a name; with no upstream where none was
 * named; and with everything left where the commit is not in it. */

#define MAX_WORDS 12

typedef struct plan {
  const char *url;
  const char *path;
  const char *branch;
  const char *commit;
  bool insecure;
  dl_git_login login;
  json_t *env;
  dl_strbuf head; /* the branch that is cloned */
} plan;

/* Runs git with these words, in the clone or (`outside`) anywhere. False if it
 * failed; the request has been answered then. */
static bool run(dl_http_request *req, const plan *p, bool outside, dl_run *out,
                const char *const *words) {
  const char *argv[MAX_WORDS + 8];
  size_t n = 0;
  argv[n++] = "git";
  argv[n++] = "-c";
  argv[n++] = "core.hooksPath=/dev/null";
  argv[n++] = "-c";
  argv[n++] =
      p->insecure ? "http.sslVerify=false" : "advice.detachedHead=false";
  while (*words && n < MAX_WORDS + 7)
    argv[n++] = *words++;
  argv[n] = NULL;
  if (!dl_git_run(req, out, outside ? NULL : p->path, p->env, argv))
    return false;
  if (out->exit_code == 0)
    return true;
  dl_git_failed(req, out, &p->login);
  return false;
}

static bool step(dl_http_request *req, const plan *p, const char *a,
                 const char *b, const char *c, const char *d, const char *e) {
  const char *words[] = {a, b, c, d, e, NULL};
  dl_run out;
  bool ok = run(req, p, false, &out, words);
  dl_run_free(&out);
  return ok;
}

/* "ref: refs/heads/main<TAB>HEAD" names the branch that HEAD is. */
static void read_head(plan *p, const dl_strbuf *text) {
  static const char start[] = "ref: refs/heads/";
  const char *line = text->data ? strstr(text->data, start) : NULL;
  if (line) {
    line += sizeof start - 1;
    dl_strbuf_add(&p->head, line, strcspn(line, "\t\n"));
  }
}

/* Finds out what the remote has. False after an answer. */
static bool look(dl_http_request *req, plan *p) {
  const char *words[] = {"ls-remote", "--symref", "--", p->url, NULL, NULL};
  dl_strbuf ref = {0};
  dl_strbuf_addf(&ref, "refs/heads/%s", p->branch);
  words[4] = *p->branch ? ref.data : "HEAD";
  dl_run out;
  bool ok = !ref.failed && run(req, p, true, &out, words);
  if (ok && out.output.len == 0) {
    ok = false;
    if (*p->branch)
      dl_http_reply_error(req, 500, NULL, "couldn't find remote ref \"%s\"",
                          ref.data);
    else
      dl_http_reply_error(req, 404, NULL,
                          "not found: remote repository is empty");
  }
  if (ok && *p->branch)
    dl_strbuf_adds(&p->head, p->branch);
  else if (ok)
    read_head(p, &out.output);
  dl_run_free(&out);
  dl_strbuf_free(&ref);
  return ok;
}

static bool fetch(dl_http_request *req, const plan *p) {
  const char *head = p->head.data ? p->head.data : "master";
  dl_strbuf spec = {0}, remote = {0}, merge = {0};
  dl_strbuf_addf(&spec, "+refs/heads/%s:refs/remotes/origin/%s", head, head);
  dl_strbuf_addf(&remote, "branch.%s.remote", head);
  dl_strbuf_addf(&merge, "branch.%s.merge", head);
  bool ok = !spec.failed && !remote.failed && !merge.failed &&
            step(req, p, "init", "--quiet", "--initial-branch", head, NULL) &&
            step(req, p, "remote", "add", "origin", p->url, NULL);
  if (ok && *p->branch) {
    dl_strbuf ref = {0};
    dl_strbuf_addf(&ref, "refs/heads/%s", head);
    ok = step(req, p, "fetch", "--quiet", "origin", spec.data, NULL) &&
         step(req, p, "config", remote.data, "origin", NULL, NULL) &&
         step(req, p, "config", merge.data, ref.data, NULL, NULL);
    dl_strbuf_free(&ref);
  }
  else if (ok)
    ok = step(req, p, "fetch", "--quiet", "origin", "HEAD", NULL);
  ok = ok && step(req, p, "reset", "--quiet", "--hard", "FETCH_HEAD", NULL);
  dl_strbuf_free(&spec);
  dl_strbuf_free(&remote);
  dl_strbuf_free(&merge);
  return ok;
}

/* What can be said before. */
static bool is_sound(dl_http_request *req, const plan *p) {
  char *inside = dl_path_join(p->path, ".git");
  struct stat st;
  bool taken = inside && stat(inside, &st) == 0;
  free(inside);
  if (strncmp(p->url, "ssh://", 6) == 0 || strncmp(p->url, "ext::", 5) == 0)
    dl_http_reply_error(req, 401, NULL, "unauthorized: invalid auth method");
  else if (taken)
    dl_http_reply_error(req, 409, NULL, "conflict: repository already exists");
  else if (stat(p->path, &st) == 0 && !S_ISDIR(st.st_mode))
    dl_http_reply_error(req, 500, NULL, "mkdir %s: not a directory", p->path);
  else
    return true;
  return false;
}

/* The first directory that is not there is what a failure takes away. */
static void clone_into(dl_http_request *req, plan *p) {
  struct stat st;
  bool is_new = stat(p->path, &st) != 0;
  if (!is_sound(req, p) || !look(req, p))
    return;
  if (dl_path_make(p->path, 0755)) {
    dl_http_reply_error(req, 500, NULL, "mkdir %s: permission denied", p->path);
    return;
  }
  if (!fetch(req, p)) {
    if (is_new)
      dl_path_remove_tree(p->path);
    return;
  }
  if (*p->commit) {
    const char *words[] = {"checkout", "--quiet", "--detach", p->commit, NULL};
    const char *argv[] = {"git", words[0], words[1], words[2], words[3], NULL};
    dl_run out;
    bool ran = dl_git_run(req, &out, p->path, p->env, argv);
    if (ran && out.exit_code != 0)
      dl_http_reply_error(req, 404, NULL, "not found: object not found");
    dl_run_free(&out);
  }
  if (!dl_http_replied(req))
    dl_http_reply_empty(req, 200);
}

void dl_git_clone_old(dl_http_request *req) {
  plan p;
  memset(&p, 0, sizeof p);
  dl_input in;
  dl_git_begin(&in, req, "GitCloneRequest");
  p.url = dl_input_string(&in, "url", true);
  const char *path = dl_input_string(&in, "path", true);
  p.branch = dl_input_string(&in, "branch", false);
  p.commit = dl_input_string(&in, "commit_id", false);
  p.login.username = dl_input_string(&in, "username", false);
  p.login.password = dl_input_string(&in, "password", false);
  p.insecure = dl_input_bool(&in, "insecure_skip_tls");
  if (!dl_input_ok(&in))
    return;
  p.env = dl_git_env(&p.login);
  char *full = dl_path_absolute(path);
  p.path = full ? full : path;
  clone_into(req, &p);
  json_decref(p.env);
  dl_strbuf_free(&p.head);
  free(full);
}
