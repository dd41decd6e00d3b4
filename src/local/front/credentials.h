#ifndef DL_FRONT_CREDENTIALS_H
#define DL_FRONT_CREDENTIALS_H

#include "../control/plane.h"

#define DL_CREDENTIALS_PREVIEW 33 /* with the final NUL */

#pragma GCC visibility push(hidden)

bool dl_credentials_is_key(const dl_plane *plane, const char *token);
int dl_credentials_preview(const dl_sandbox *sb, unsigned port,
                           char token[DL_CREDENTIALS_PREVIEW]);

#pragma GCC visibility pop

#endif
