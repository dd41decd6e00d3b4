#ifndef DL_TOOLBOX_SINK_H
#define DL_TOOLBOX_SINK_H

#include "strbuf.h"

/* A file that is being replaced: its new content is written beside it and
 * takes its place only when it is complete. */
typedef struct dl_sink dl_sink;

#pragma GCC visibility push(hidden)

dl_sink *dl_sink_open(const char *path, dl_strbuf *why);
int dl_sink_write(dl_sink *sink, const char *data, size_t len);
int dl_sink_commit(dl_sink *sink);
void dl_sink_abort(dl_sink *sink);

#pragma GCC visibility pop

#endif
