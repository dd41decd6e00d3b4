#ifndef DL_TOOLBOX_TEXT_H
#define DL_TOOLBOX_TEXT_H

#include "strbuf.h"

#include <jansson.h>

/* Bytes as others read them: as JSON, as a word of the shell. */

#pragma GCC visibility push(hidden)

json_t *dl_text_json(const char *data, size_t len);
json_t *dl_text_json_of(const char *text);
void dl_text_add_word(dl_strbuf *script, const char *word);

#pragma GCC visibility pop

#endif
