#ifndef DL_CONTROL_FIELDS_H
#define DL_CONTROL_FIELDS_H

#include <jansson.h>
#include <stdint.h>

#include "strbuf.h"

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

/* Checks every given field of the table; messages go to `problems`, none if
 * all is well. Fields that are not in the table are ignored. */
void dl_fields_check(const json_t *body, const dl_field *fields,
                     dl_strbuf *problems);

/* Adds a message to a list joined by ", ". */
void dl_fields_problem(dl_strbuf *problems, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The field, or NULL where it is absent or null: both mean "not given". */
json_t *dl_fields_get(const json_t *body, const char *name);

/* The text of a field; NULL where it is not given or empty. */
const char *dl_fields_text(const json_t *body, const char *name);

/* The name of a field that asks for something and is not in the table; NULL
 * where there is none. It lives as long as the body. */
const char *dl_fields_unknown(json_t *body, const dl_field *fields);

/* A whole number, given as 15 or 15.0. 0, or -1 where it is none or does not
 * fit a database's integer. */
int dl_fields_integer(const json_t *value, int64_t *out);

#pragma GCC visibility pop

#endif
