#ifndef DL_TOOLBOX_GIT_H
#define DL_TOOLBOX_GIT_H

#include "toolbox/daemon.h"
#include "toolbox/input.h"
#include "toolbox/process/run.h"

/* Credentials for one git command. They travel in its environment only. */
typedef struct dl_git_login {
  const char *username;
  const char *password; /* used only if both are given */
} dl_git_login;

#pragma GCC visibility push(hidden)

/* git.c */
json_t *dl_git_env(const dl_git_login *login);

/* Runs git to its end in the environment `extra` (from dl_git_env), standard
 * output in run->output, the rest in run->errors; the caller frees `run`
 * whatever happens. False if the request has been answered with an error; a git
 * that fails is none. */
bool dl_git_run(dl_http_request *req, dl_run *run, const char *cwd,
                const json_t *extra, const char *const *argv);

/* Starts reading the body of a git request. */
void dl_git_begin(dl_input *in, dl_http_request *req, const char *type);

/* Whether the text is a whole commit hash. */
bool dl_git_is_hash(const char *text);

/* What could be taken for an option is no name. Answers 400 for one. */
bool dl_git_is_name(dl_http_request *req, const char *name);

/* error.c */
void dl_git_failed(dl_http_request *req, const dl_run *run,
                   const dl_git_login *login);

/* repo.c */
bool dl_git_try(dl_http_request *req, dl_run *run, const char *path,
                const json_t *more, const char *const *words);

/* The same, but a git that fails is an error, too. */
bool dl_git_in(dl_http_request *req, dl_run *run, const char *path,
               const json_t *more, const char *const *words);

/* Runs git in the repository and answers `status` with no body. */
void dl_git_reply(dl_http_request *req, const char *path,
                  const char *const *words, unsigned status);

/* The repository a GET names; answers 400 and gives NULL without one. */
const char *dl_git_path(dl_http_request *req);

/* clone.c, clone_old.c, show.c, status.c, change.c,
 * branch.c, remote.c, undo.c, config.c */
void dl_git_clone(dl_http_request *req);

/* POST /git/clone */
void dl_git_clone_old(dl_http_request *req);

/* GET /git/history */
void dl_git_history(dl_http_request *req);

/* GET /git/branches */
void dl_git_branches(dl_http_request *req);

/* GET /git/status */
void dl_git_status(dl_http_request *req);

/* POST /git/init */
void dl_git_init(dl_http_request *req);

/* POST /git/add */
void dl_git_add(dl_http_request *req);

/* POST /git/commit */
void dl_git_commit(dl_http_request *req);

/* POST /git/branches */
void dl_git_branch_create(dl_http_request *req);

/* DELETE /git/branches: the ref goes, whatever it is; none is fine, too. */
void dl_git_branch_delete(dl_http_request *req);

/* POST /git/checkout: a local branch, or a commit by its full hash. */
void dl_git_checkout(dl_http_request *req);

/* POST /git/push: a branch, the current one unless told, to the same name. */
void dl_git_push(dl_http_request *req);

/* POST /git/pull: what is upstream unless told, and only forward. */
void dl_git_pull(dl_http_request *req);

/* GET /git/remotes */
void dl_git_remotes(dl_http_request *req);

/* POST /git/remotes */
void dl_git_remote_add(dl_http_request *req);

/* POST /git/reset: all, or the index of some files. */
void dl_git_reset(dl_http_request *req);

/* POST /git/restore: in the working tree unless only the index is named. */
void dl_git_restore(dl_http_request *req);

/* GET /git/config: null for what is not set. */
void dl_git_config_get(dl_http_request *req);

/* POST /git/config */
void dl_git_config_set(dl_http_request *req);

/* POST /git/config/user */
void dl_git_config_user(dl_http_request *req);

/* POST /git/credentials: git's own store keeps them in plain text. */
void dl_git_credentials(dl_http_request *req);

#pragma GCC visibility pop

#endif
