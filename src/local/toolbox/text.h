#ifndef DL_TOOLBOX_TEXT_H
#define DL_TOOLBOX_TEXT_H

#include "strbuf.h"

#include <jansson.h>

/* Bytes as others read them: as JSON, as a word of the shell. */

#pragma GCC visibility push(hidden)

/* Bytes as a JSON string: NUL is kept, invalid UTF-8 becomes U+FFFD. NULL
 * without memory. */
json_t *dl_text_json(const char *data, size_t len);

/* The same of a text that ends with a NUL. */
json_t *dl_text_json_of(const char *text);

/* Appends a space and a word, quoted so that a shell reads it unchanged. */
void dl_text_add_word(dl_strbuf *script, const char *word);

#pragma GCC visibility pop

#endif
