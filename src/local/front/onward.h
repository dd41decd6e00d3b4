#ifndef DL_FRONT_ONWARD_H
#define DL_FRONT_ONWARD_H

#include "../strbuf.h"
#include "visit.h"

/* What of a request goes on into the sandbox: nothing that opens the door. */

#pragma GCC visibility push(hidden)

char *dl_onward_host(const dl_visit *visit);
bool dl_onward_drops(void *visit, const char *header);
int dl_onward_add_query(dl_strbuf *out, const char *query);
int dl_onward_add_headers(dl_strbuf *out, const dl_visit *visit);

#pragma GCC visibility pop

#endif
