#ifndef DL_JSON_TEXT_H
#define DL_JSON_TEXT_H

#include <stdint.h>

#include "strbuf.h"

/* JSON written at once as text, where building a tree first costs too much:
 * lists. Each call adds a member to the object that is open, or, without a key
 * (NULL), an item to the array; commas come by themselves. Keys are written as
 * they are. `failed` of the buffer says whether memory ran out. */

#pragma GCC visibility push(hidden)

/* Begins an object ('{') or an array ('['). */
void dl_json_open(dl_strbuf *out, const char *key, char bracket);

/* Ends it: '}' or ']'. */
void dl_json_close(dl_strbuf *out, char bracket);

/* A string, NULL being null. Bytes that are no UTF-8 become U+FFFD. */
void dl_json_text(dl_strbuf *out, const char *key, const char *text);

/* An integer. */
void dl_json_integer(dl_strbuf *out, const char *key, int64_t value);

/* true or false. */
void dl_json_boolean(dl_strbuf *out, const char *key, bool value);

/* A value that is JSON already. */
void dl_json_raw(dl_strbuf *out, const char *key, const char *json);

#pragma GCC visibility pop

#endif
