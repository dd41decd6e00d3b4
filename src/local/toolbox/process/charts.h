#ifndef DL_TOOLBOX_CHARTS_H
#define DL_TOOLBOX_CHARTS_H

#include "strbuf.h"

#include <jansson.h>

#pragma GCC visibility push(hidden)

json_t *dl_charts_take(dl_strbuf *output);
bool dl_charts_wanted(const char *code, size_t len);
int dl_charts_wrap(const char *code, size_t len, dl_strbuf *program);

#pragma GCC visibility pop

#endif
