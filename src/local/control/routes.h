#ifndef DL_CONTROL_ROUTES_H
#define DL_CONTROL_ROUTES_H

#include "http/http.h"

#pragma GCC visibility push(hidden)

extern const dl_http_route dl_routes_control[];

#pragma GCC visibility pop

#endif
