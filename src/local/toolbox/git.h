#ifndef DL_TOOLBOX_GIT_H
#define DL_TOOLBOX_GIT_H

#include "daemon.h"
#include "input.h"
#include "run.h"

/* Credentials for one git command. They travel in its environment only. */
typedef struct dl_git_login {
  const char *username;
  const char *password; /* used only if both are given */
} dl_git_login;

#pragma GCC visibility push(hidden)

/* git.c */
bool dl_git_run(dl_http_request *req, dl_run *run, const char *cwd,
                const dl_git_login *login, const char *const *argv);
void dl_git_failed(dl_http_request *req, const dl_run *run,
                   const dl_git_login *login);
void dl_git_begin(dl_input *in, dl_http_request *req, const char *type);

/* git_clone.c */
void dl_git_clone(dl_http_request *req);

#pragma GCC visibility pop

#endif
