#ifndef DL_CONTROL_VIEW_H
#define DL_CONTROL_VIEW_H

#include "plane.h"

#pragma GCC visibility push(hidden)

json_t *dl_view_sandbox(const dl_plane *plane, const dl_sandbox *sb,
                        bool as_inserted);
json_t *dl_view_item(const dl_plane *plane, const dl_sandbox *sb);
json_t *dl_view_time(int64_t ms);
char *dl_view_toolbox_url(const dl_plane *plane);

#pragma GCC visibility pop

#endif
