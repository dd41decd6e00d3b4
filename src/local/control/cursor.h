#ifndef DL_CONTROL_CURSOR_H
#define DL_CONTROL_CURSOR_H

#include <jansson.h>

/* Where a page of a list ends: the value of its last row that the list is
 * sorted by, and its id, in a text that clients hand back as it is. */

#pragma GCC visibility push(hidden)

/* base64 of {"value":..., "id":...}. Takes `value`; null without memory. */
json_t *dl_cursor_make(json_t *value, const char *id);

/* What such a text says: *value and *id (a string) belong to the answer, which
 * is to be released. NULL where it is no cursor. */
json_t *dl_cursor_read(const char *cursor, json_t **value, json_t **id);

#pragma GCC visibility pop

#endif
