#ifndef DL_TOOLBOX_SHELL_H
#define DL_TOOLBOX_SHELL_H

#include "run.h"
#include "toolbox/daemon.h"

/* What the ways of running commands and code have in common. */

#pragma GCC visibility push(hidden)

bool dl_shell_is_blank(const char *text, size_t len);
bool dl_shell_valid_envs(dl_http_request *req, const json_t *envs);
bool dl_shell_run(dl_http_request *req, dl_run *run, const char *script,
                  size_t len, const json_t *envs);
bool dl_shell_refuse(dl_http_request *req, int error);

#pragma GCC visibility pop

#endif
