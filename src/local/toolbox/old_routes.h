#ifndef DL_TOOLBOX_OLD_ROUTES_H
#define DL_TOOLBOX_OLD_ROUTES_H

#include "daemon.h"

#pragma GCC visibility push(hidden)

/* Answers what such a server has not; false for all else. */
bool dl_old_routes_refuse(dl_http_request *req);

#pragma GCC visibility pop

#endif
