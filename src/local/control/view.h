#ifndef DL_CONTROL_VIEW_H
#define DL_CONTROL_VIEW_H

#include "plane.h"

#pragma GCC visibility push(hidden)

/* The full object. `as_inserted`: as create answers, with unset values left
 * out. NULL without memory. */
json_t *dl_view_sandbox(const dl_plane *plane, const dl_sandbox *sb,
                        bool as_inserted);

/* The item of a list, a smaller object in an order of its own. */
json_t *dl_view_item(const dl_plane *plane, const dl_sandbox *sb);

/* A time as it is on the wire; null for 0, which is none. */
json_t *dl_view_time(int64_t ms);

/* The base of toolbox calls, one for all sandboxes whatever they do. To be
 * freed; NULL without memory. */
char *dl_view_toolbox_url(const dl_plane *plane);

#pragma GCC visibility pop

#endif
