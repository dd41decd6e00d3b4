#ifndef DL_FRONT_CREDENTIALS_H
#define DL_FRONT_CREDENTIALS_H

#include "control/plane.h"
#include "visit.h"

#define DL_CREDENTIALS_PREVIEW 33 /* with the final NUL */

#define DL_CREDENTIALS_HEADER "X-Daytona-Preview-Token"
#define DL_CREDENTIALS_QUERY "DAYTONA_SANDBOX_AUTH_KEY"
/* and the sandbox's id */
#define DL_CREDENTIALS_COOKIE "daytona-sandbox-auth-"

#pragma GCC visibility push(hidden)

bool dl_credentials_next_cookie(const char **list, const char **cookie,
                                size_t *len);
bool dl_credentials_is_key(const dl_plane *plane, const char *token);
bool dl_credentials_has_key(const dl_plane *plane, const char *value);
int dl_credentials_preview(const dl_sandbox *sb, unsigned port,
                           char token[DL_CREDENTIALS_PREVIEW]);
bool dl_credentials_open(const dl_plane *plane, const dl_sandbox *sb,
                         dl_visit *visit);
void dl_credentials_remember(const dl_sandbox *sb, const dl_visit *visit);

#pragma GCC visibility pop

#endif
