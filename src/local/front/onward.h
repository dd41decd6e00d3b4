#ifndef DL_FRONT_ONWARD_H
#define DL_FRONT_ONWARD_H

#include "strbuf.h"
#include "visit.h"

/* What of a request goes on into the sandbox: nothing that opens the door. */

#pragma GCC visibility push(hidden)

/* The host as the sandbox may know it, to be freed; NULL without memory. */
char *dl_onward_host(const dl_visit *visit);

/* What an application in the sandbox is sent for itself passes, as its own
 * Authorization does in a preview; the API key never does. Cookies and the
 * like are written anew by dl_onward_add_headers. */
bool dl_onward_drops(void *visit, const char *header, const char *value);

/* Adds a query, still encoded, without the parameter that is a credential; all
 * others stay as they are. 0, or -1 without memory. */
int dl_onward_add_query(dl_strbuf *out, const char *query);

/* Adds the header lines that do not pass as they came: cookies, the referrer
 * and the names of our host without credentials, and by what address and host
 * the request came, unless somebody before us has said so. 0, or -1 without
 * memory. */
int dl_onward_add_headers(dl_strbuf *out, const dl_visit *visit);

#pragma GCC visibility pop

#endif
