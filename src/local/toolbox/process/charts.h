#ifndef DL_TOOLBOX_CHARTS_H
#define DL_TOOLBOX_CHARTS_H

#include "strbuf.h"

#include <jansson.h>

#pragma GCC visibility push(hidden)

/* Takes the artifact lines out of `output`, good or bad, and returns the
 * charts among them: a list, or NULL if there is none. */
json_t *dl_charts_take(dl_strbuf *output);

/* Whether Python code may draw charts: it names a library that does. */
bool dl_charts_wanted(const char *code, size_t len);

/* Appends the Python program that runs `code` and prints its charts. 0, or -1
 * without memory. */
int dl_charts_wrap(const char *code, size_t len, dl_strbuf *program);

#pragma GCC visibility pop

#endif
