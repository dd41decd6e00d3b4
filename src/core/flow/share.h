/* What the handles of a client have in common: TLS sessions, so that every
 * further connection to a server is resumed, whichever CURLM makes it, and
 * names that were looked up. */
#ifndef dt_share_h
#define dt_share_h

#include "../bytes/libcurl.h"

#pragma GCC visibility push(hidden)

typedef struct dt_share dt_share;

/* With 'connections' the handles use none but their own.  NULL without memory.
 */
dt_share *dt_share_new(int connections);

/* For CURLOPT_SHARE.  The Lua thread and that of a background driver may work
 * with handles that have it at the same time. */
CURLSH *dt_share_of(const dt_share *s);

/* After all handles that have it; returns 0, and has done nothing, if there is
 * one.  NULL is allowed. */
int dt_share_free(dt_share *s);

#pragma GCC visibility pop
#endif
