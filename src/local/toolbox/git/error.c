#include "as.h"
#include "git.h"

#include <string.h>

#define TAIL ((size_t)2000)

/* How git's own words map to the daemon's errors; the first hit counts. */
typedef struct outcome {
  const char *words;
  unsigned status;
  const char *code;
  const char *message;
} outcome;

static const outcome outcomes[] = {
    {"Authentication failed", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"could not read Username", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"could not read Password", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"Permission denied (publickey", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"returned error: 401", 401, "GIT_AUTH_FAILED",
     "unauthorized: authentication required"},
    {"returned error: 403", 403, NULL, "forbidden: authorization failed"},
    {"would be overwritten by", 409, "GIT_DIRTY_WORKTREE",
     "conflict: worktree contains unstaged changes"},
    {"[rejected]", 409, "GIT_PUSH_REJECTED",
     "conflict: non-fast-forward update"},
    {"[remote rejected]", 422, "GIT_REMOTE_REJECTED",
     "unprocessable entity: the remote rejected the update"},
    {"Not possible to fast-forward", 409, NULL,
     "conflict: non-fast-forward update"},
    {"src refspec", 404, "GIT_BRANCH_NOT_FOUND", "not found: no such branch"},
    {"couldn't find remote ref", 404, "GIT_BRANCH_NOT_FOUND",
     "not found: the remote has no such branch"},
    {"error: remote ", 409, NULL, "conflict: remote already exists"},
    {"is not a valid remote name", 400, NULL,
     "bad request: invalid remote name"},
    {"unknown revision", 404, NULL, "not found: reference not found"},
    {"Failed to resolve '", 404, NULL, "not found: reference not found"},
    {"could not resolve ", 404, NULL, "not found: reference not found"},
    {"must be run in a work tree", 500, NULL,
     "worktree not available in a bare repository"},
    {"you must specify path(s)", 400, NULL, "bad request: no files"},
    {"does not contain a section", 400, NULL, "bad request: invalid key"},
    {"invalid key", 400, NULL, "bad request: invalid key"},
    {"could not lock config file", 403, NULL, "forbidden: cannot write there"},
    {"nothing to commit", 400, NULL,
     "bad request: cannot create empty commit: clean working tree"},
    {"nothing added to commit", 400, NULL,
     "bad request: cannot create empty commit: nothing is staged"},
    {"no changes added to commit", 400, NULL,
     "bad request: cannot create empty commit: nothing is staged"},
    {"did not match any file", 404, "FILE_NOT_FOUND",
     "not found: entry not found"},
    {"invalid initial branch name", 400, NULL,
     "bad request: invalid branch name"},
    {"cannot mkdir", 403, NULL, "forbidden: cannot write there"},
    {"is not a valid branch name", 400, NULL,
     "bad request: invalid branch name"},
    {"ambiguous argument 'HEAD'", 404, NULL, "not found: reference not found"},
    {"bad revision 'HEAD'", 404, NULL, "not found: reference not found"},
    {"is not a tree", 404, NULL, "not found: object not found"},
    {"unable to read tree", 404, NULL, "not found: object not found"},
    {"A branch named", 409, "GIT_BRANCH_EXISTS", "conflict: branch exists"},
    {"a branch named", 409, "GIT_BRANCH_EXISTS", "conflict: branch exists"},
    {"Remote branch", 404, "GIT_BRANCH_NOT_FOUND",
     "not found: the remote has no such branch"},
    {"already exists and is not an empty directory", 409, NULL,
     "conflict: the destination exists and is not empty"},
    {"does not appear to be a git repository", 404, "GIT_REPO_NOT_FOUND",
     "not found: repository not found"},
    {"not found", 404, "GIT_REPO_NOT_FOUND", "not found: repository not found"},
    {"does not exist", 404, "GIT_REPO_NOT_FOUND",
     "not found: repository not found"},
    {"returned error: 404", 404, "GIT_REPO_NOT_FOUND",
     "not found: repository not found"},
    {"could not create", 403, NULL, "forbidden: cannot write there"},
    {"Could not resolve host", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"Failed to connect", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"Connection refused", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"unable to access", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"unable to connect", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"RPC failed", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"early EOF", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"hung up", 502, "GIT_TRANSPORT_FAILED", NULL},
    {"Could not read from remote", 502, "GIT_TRANSPORT_FAILED", NULL}};

/* The same of go-git; what is not here is 500 with no kind of error before
 * its text. */
static const outcome go_outcomes[] = {
    {"Authentication failed", 401, NULL,
     "unauthorized: authentication required"},
    {"could not read Username", 401, NULL,
     "unauthorized: authentication required"},
    {"returned error: 401", 401, NULL, "unauthorized: authentication required"},
    {"returned error: 403", 403, NULL, "forbidden: authorization failed"},
    {"would be overwritten by checkout", 409, NULL,
     "conflict: worktree contains unstaged changes"},
    {"ambiguous argument 'HEAD'", 404, NULL, "not found: reference not found"},
    {"bad revision 'HEAD'", 404, NULL, "not found: reference not found"},
    {"must be run in a work tree", 500, NULL,
     "worktree not available in a bare repository"},
    {"is not a tree", 404, NULL, "not found: object not found"},
    {"unable to read tree", 404, NULL, "not found: object not found"},
    {"does not appear to be a git repository", 404, NULL,
     "not found: repository not found"},
    {"repository '", 404, NULL, "not found: repository not found"},
    {"nothing to commit", 500, NULL,
     "cannot create empty commit: clean working tree"},
    {"nothing added to commit", 500, NULL,
     "cannot create empty commit: clean working tree"},
    {"no changes added to commit", 500, NULL,
     "cannot create empty commit: clean working tree"},
    {"did not match any file", 500, NULL, "entry not found"}};

static void replace_all(dl_strbuf *text, const char *secret) {
  size_t len = strlen(secret);
  dl_strbuf out = {0};
  const char *at = text->data, *hit;
  if (len == 0 || !text->data)
    return;
  while ((hit = strstr(at, secret))) {
    dl_strbuf_add(&out, at, (size_t)(hit - at));
    dl_strbuf_adds(&out, "***");
    at = hit + len;
  }
  dl_strbuf_adds(&out, at);
  dl_strbuf_free(text);
  *text = out;
}

/* "scheme://user:password@host" loses what stands before the "@". */
static void hide_userinfo(dl_strbuf *text) {
  char *p = text->data;
  while (p && (p = strstr(p, "://"))) {
    p += 3;
    size_t len = strcspn(p, "/ '\"\n");
    size_t host;
    for (host = len; host > 0 && p[host - 1] != '@'; host--)
      ;
    if (host > 0)
      memset(p, '*', host - 1);
  }
}

/* Some commands say why they fail on standard output. */
static const char *words_of(const dl_run *run) {
  const dl_strbuf *source = run->errors.len ? &run->errors : &run->output;
  return source->data ? source->data : "";
}

/* What git said last, without secrets. */
static void add_tail(dl_strbuf *text, const dl_run *run,
                     const dl_git_login *login) {
  dl_strbuf said = {0};
  dl_strbuf_addf(&said, "%s", words_of(run));
  if (login) {
    replace_all(&said, login->password);
    /* A long one may be a token; a short one may be part of any word. */
    if (strlen(login->username) >= 8)
      replace_all(&said, login->username);
  }
  hide_userinfo(&said);
  while (said.len > 0 && strchr("\r\n ", said.data[said.len - 1]))
    said.data[--said.len] = '\0';
  size_t len = said.len > TAIL ? TAIL : said.len;
  if (len > 0)
    dl_strbuf_add(text, said.data + said.len - len, len);
  dl_strbuf_free(&said);
}

#define OUTCOMES (sizeof outcomes / sizeof *outcomes)
#define GO_OUTCOMES (sizeof go_outcomes / sizeof *go_outcomes)

static const outcome *find(const outcome *list, size_t n, const char *said) {
  for (size_t i = 0; i < n; i++) {
    if (strstr(said, list[i].words))
      return &list[i];
  }
  return NULL;
}

/* Answers for a git that ended with an error. */
void dl_git_failed(dl_http_request *req, const dl_run *run,
                   const dl_git_login *login) {
  const char *said = words_of(run);
  dl_strbuf text = {0};
  bool old = dl_as_now()->old_git;
  const outcome *found = old ? find(go_outcomes, GO_OUTCOMES, said)
                             : find(outcomes, OUTCOMES, said);
  if (found && found->message)
    dl_strbuf_addf(&text, old ? "%s" : "%s: ", found->message);
  if (!old || !found)
    add_tail(&text, run, login);
  if (text.len == 0)
    dl_strbuf_addf(&text, "git ended with status %d", run->exit_code);
  dl_http_reply_error(req, found ? found->status : 500,
                      found ? found->code : NULL, "%s",
                      text.failed ? "out of memory" : text.data);
  dl_strbuf_free(&text);
}
