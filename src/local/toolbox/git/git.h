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
bool dl_git_run(dl_http_request *req, dl_run *run, const char *cwd,
                const json_t *extra, const char *const *argv);
void dl_git_begin(dl_input *in, dl_http_request *req, const char *type);
bool dl_git_is_hash(const char *text);
bool dl_git_is_name(dl_http_request *req, const char *name);

/* error.c */
void dl_git_failed(dl_http_request *req, const dl_run *run,
                   const dl_git_login *login);

/* repo.c */
bool dl_git_try(dl_http_request *req, dl_run *run, const char *path,
                const json_t *more, const char *const *words);
bool dl_git_in(dl_http_request *req, dl_run *run, const char *path,
               const json_t *more, const char *const *words);
void dl_git_reply(dl_http_request *req, const char *path,
                  const char *const *words, unsigned status);
const char *dl_git_path(dl_http_request *req);

/* clone.c, clone_old.c, show.c, status.c, change.c,
 * branch.c, remote.c, undo.c, config.c */
void dl_git_clone(dl_http_request *req);
void dl_git_clone_old(dl_http_request *req);
void dl_git_history(dl_http_request *req);
void dl_git_branches(dl_http_request *req);
void dl_git_status(dl_http_request *req);
void dl_git_init(dl_http_request *req);
void dl_git_add(dl_http_request *req);
void dl_git_commit(dl_http_request *req);
void dl_git_branch_create(dl_http_request *req);
void dl_git_branch_delete(dl_http_request *req);
void dl_git_checkout(dl_http_request *req);
void dl_git_push(dl_http_request *req);
void dl_git_pull(dl_http_request *req);
void dl_git_remotes(dl_http_request *req);
void dl_git_remote_add(dl_http_request *req);
void dl_git_reset(dl_http_request *req);
void dl_git_restore(dl_http_request *req);
void dl_git_config_get(dl_http_request *req);
void dl_git_config_set(dl_http_request *req);
void dl_git_config_user(dl_http_request *req);
void dl_git_credentials(dl_http_request *req);

#pragma GCC visibility pop

#endif
