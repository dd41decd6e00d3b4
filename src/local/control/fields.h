#ifndef DL_CONTROL_FIELDS_H
#define DL_CONTROL_FIELDS_H

#include <jansson.h>
#include <stdint.h>

#include "../strbuf.h"

/* Type checks of JSON bodies, with the original's messages. */

typedef enum dl_field_kind {
  DL_FIELD_NAME, /* a string that is safe to show */
  DL_FIELD_STRING,
  DL_FIELD_STRINGS, /* an array of objects */
  DL_FIELD_TEXTS,   /* an array of strings */
  DL_FIELD_OBJECT,
  DL_FIELD_BOOLEAN,
  DL_FIELD_COUNT,    /* a number that is not negative */
  DL_FIELD_GPU,      /* the same, at most 1 */
  DL_FIELD_POSITIVE, /* a number from 1 */
  DL_FIELD_NUMBER,
  DL_FIELD_VOLUMES,
  DL_FIELD_ANY /* looked at by who knows it */
} dl_field_kind;

typedef struct dl_field {
  const char *name; /* NULL ends a table */
  dl_field_kind kind;
} dl_field;

#pragma GCC visibility push(hidden)

void dl_fields_check(const json_t *body, const dl_field *fields,
                     dl_strbuf *problems);
void dl_fields_problem(dl_strbuf *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
json_t *dl_fields_get(const json_t *body, const char *name);
const char *dl_fields_text(const json_t *body, const char *name);
const char *dl_fields_unknown(json_t *body, const dl_field *fields);
int dl_fields_integer(const json_t *value, int64_t *out);

#pragma GCC visibility pop

#endif
