#ifndef DL_FRONT_DOOR_H
#define DL_FRONT_DOOR_H

#include "http/http.h"

/* /toolbox/{id}/... of the server's one address, and the hosts of previews: who
 * asks is checked here, and what credential they showed stays here. */

#pragma GCC visibility push(hidden)

bool dl_door_takes(dl_http_request *req);
void dl_door_begin(dl_http_request *req);

#pragma GCC visibility pop

#endif
