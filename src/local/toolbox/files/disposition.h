#ifndef DL_TOOLBOX_DISPOSITION_H
#define DL_TOOLBOX_DISPOSITION_H

#include "strbuf.h"

#pragma GCC visibility push(hidden)

void dl_disposition_add_filename(dl_strbuf *out, const char *name);
const char *dl_disposition_type(const char *name);

#pragma GCC visibility pop

#endif
