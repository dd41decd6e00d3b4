#ifndef DL_CONTROL_VIEW_H
#define DL_CONTROL_VIEW_H

#include "plane.h"

#pragma GCC visibility push(hidden)

/* Writes the full object, as a value (see json_text.h). `as_inserted`: as
 * create answers, with unset values left out. Locked. */
void dl_view_sandbox(dl_strbuf *o, const dl_plane *plane, const dl_sandbox *sb,
                     bool as_inserted);

/* Writes the item of a list, a smaller object in an order of its own. */
void dl_view_item(dl_strbuf *o, const dl_plane *plane, const dl_sandbox *sb);

/* A time as it is on the wire; null for 0, which is none. */
json_t *dl_view_time(int64_t ms);

#pragma GCC visibility pop

#endif
