#ifndef DL_TOOLBOX_DISPOSITION_H
#define DL_TOOLBOX_DISPOSITION_H

#include "strbuf.h"

#pragma GCC visibility push(hidden)

/* Appends the filename parameters of a Content-Disposition: `filename`, which
 * may lose characters, and `filename*`, which does not. */
void dl_disposition_add_filename(dl_strbuf *out, const char *name);

/* The content type that goes with a file name's ending. */
const char *dl_disposition_type(const char *name);

#pragma GCC visibility pop

#endif
