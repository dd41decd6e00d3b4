#ifndef DL_TOOLBOX_OLD_ERRORS_H
#define DL_TOOLBOX_OLD_ERRORS_H

#include "daemon.h"

#pragma GCC visibility push(hidden)

/* The `error` hook of an older server: answers as the path has it, with no
 * code but that of the status. */
void dl_old_errors_write(dl_http_request *req, unsigned status,
                         const char *code, const char *message);

#pragma GCC visibility pop

#endif
