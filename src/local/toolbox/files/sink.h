#ifndef DL_TOOLBOX_SINK_H
#define DL_TOOLBOX_SINK_H

#include "strbuf.h"

/* A file that is being replaced: its new content is written beside it and
 * takes its place only when it is complete. */
typedef struct dl_sink dl_sink;

#pragma GCC visibility push(hidden)

/* Prepares to replace (or make) the file, with the directories above it. NULL
 * with the reason appended to `why`. */
dl_sink *dl_sink_open(const char *path, dl_strbuf *why);

/* Writes all bytes, as far as the sandbox's disk has room for them. 0, or -1
 * with errno. */
int dl_sink_write(dl_sink *sink, const char *data, size_t len);

/* Puts the content in place and frees the sink. 0, or -1 with errno; the old
 * file is then as it was. */
int dl_sink_commit(dl_sink *sink);

/* Drops what was written and frees the sink; NULL is fine. */
void dl_sink_abort(dl_sink *sink);

#pragma GCC visibility pop

#endif
