#include "fields.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NOT_A_NUMBER                                                           \
  "%s must be a number conforming to the specified constraints"

void dl_fields_problem(dl_strbuf *problems, const char *format, ...) {
  char *text = NULL;
  va_list ap;
  va_start(ap, format);
  if (vasprintf(&text, format, ap) < 0)
    text = NULL;
  va_end(ap);
  if (problems->len > 0)
    dl_strbuf_adds(problems, ", ");
  dl_strbuf_adds(problems, text ? text : "out of memory");
  free(text);
}

json_t *dl_fields_get(const json_t *body, const char *name) {
  json_t *value = json_object_get(body, name);
  return json_is_null(value) ? NULL : value;
}

const char *dl_fields_text(const json_t *body, const char *name) {
  const char *text = json_string_value(dl_fields_get(body, name));
  return text && *text ? text : NULL;
}

int dl_fields_integer(const json_t *value, int64_t *out) {
  double number = json_number_value(value);
  if (!json_is_number(value) || number != floor(number) ||
      fabs(number) > INT32_MAX)
    return -1;
  *out = (int64_t)number;
  return 0;
}

/* No HTML tags, URL schemes, "www." or control characters. */
static bool is_safe_name(const json_t *value) {
  const char *text = json_string_value(value);
  size_t len = json_string_length(value);
  if (!text)
    return false;
  for (size_t i = 0; i < len; i++) {
    unsigned char ch = (unsigned char)text[i];
    if (ch < 0x20 || ch == 0x7F)
      return false;
    if (ch == '<' && memchr(text + i, '>', len - i))
      return false;
    if (strncmp(text + i, "://", 3) == 0 && i > 0 &&
        isalnum((unsigned char)text[i - 1]))
      return false;
    if (strncasecmp(text + i, "www.", 4) == 0)
      return false;
  }
  return true;
}

static void check_number(const json_t *value, const char *name, double least,
                         double most, dl_strbuf *problems) {
  bool number = json_is_number(value);
  double n = json_number_value(value);
  if (!number || n > most) {
    if (most < HUGE_VAL)
      dl_fields_problem(problems, "%s must not be greater than %.0f", name,
                        most);
  }
  if (!number || n < least) {
    if (least > -HUGE_VAL)
      dl_fields_problem(problems, "%s must not be less than %.0f", name, least);
  }
  if (!number)
    dl_fields_problem(problems, NOT_A_NUMBER, name);
}

static void check_texts(const json_t *value, const char *name,
                        dl_strbuf *problems) {
  if (!json_is_array(value))
    dl_fields_problem(problems, "%s must be an array", name);
  size_t i;
  json_t *one;
  json_array_foreach(value, i, one) {
    if (json_is_string(one))
      continue;
    dl_fields_problem(problems, "each value in %s must be a string", name);
    return;
  }
}

static void check_volumes(const json_t *value, const char *name,
                          dl_strbuf *problems) {
  if (!json_is_array(value)) {
    dl_fields_problem(problems, "%s must be an array", name);
    return;
  }
  size_t i;
  json_t *volume;
  json_array_foreach(value, i, volume) {
    const json_t *id = json_object_get(volume, "volumeId");
    const json_t *path = json_object_get(volume, "mountPath");
    const json_t *sub = dl_fields_get(volume, "subpath");
    if (!id || json_is_null(id) ||
        (json_is_string(id) && json_string_length(id) == 0))
      dl_fields_problem(problems, "%s.%zu.volumeId should not be empty", name,
                        i);
    if (!json_is_string(id))
      dl_fields_problem(problems, "%s.%zu.volumeId must be a string", name, i);
    if (!json_is_string(path))
      dl_fields_problem(problems, "%s.%zu.mountPath must be a string", name, i);
    if (sub && !json_is_string(sub))
      dl_fields_problem(problems, "%s.%zu.subpath must be a string", name, i);
  }
}

static void check(const json_t *value, const dl_field *field,
                  dl_strbuf *problems) {
  const char *name = field->name;
  switch (field->kind) {
    case DL_FIELD_NAME:
      if (!is_safe_name(value))
        dl_fields_problem(
            problems,
            "%s must not contain HTML tags, URLs, or control characters", name);
      if (!json_is_string(value))
        dl_fields_problem(problems, "%s must be a string", name);
      break;
    case DL_FIELD_STRING:
      if (!json_is_string(value))
        dl_fields_problem(problems, "%s must be a string", name);
      break;
    case DL_FIELD_STRINGS:
      if (!json_is_array(value))
        dl_fields_problem(problems, "%s must be an array", name);
      break;
    case DL_FIELD_TEXTS:
      check_texts(value, name, problems);
      break;
    case DL_FIELD_OBJECT:
      if (!json_is_object(value))
        dl_fields_problem(problems, "%s must be an object", name);
      break;
    case DL_FIELD_BOOLEAN:
      if (!json_is_boolean(value))
        dl_fields_problem(problems, "%s must be a boolean value", name);
      break;
    case DL_FIELD_COUNT:
      check_number(value, name, 0, HUGE_VAL, problems);
      break;
    case DL_FIELD_GPU:
      check_number(value, name, 0, 1, problems);
      break;
    case DL_FIELD_POSITIVE:
      check_number(value, name, 1, HUGE_VAL, problems);
      break;
    case DL_FIELD_NUMBER:
      check_number(value, name, -HUGE_VAL, HUGE_VAL, problems);
      break;
    case DL_FIELD_VOLUMES:
      check_volumes(value, name, problems);
      break;
    case DL_FIELD_ANY:
      break;
  }
}

void dl_fields_check(const json_t *body, const dl_field *fields,
                     dl_strbuf *problems) {
  for (; fields->name; fields++) {
    const json_t *value = dl_fields_get(body, fields->name);
    if (value)
      check(value, fields, problems);
  }
}

/* null, false, 0 and what is empty are what a client sends that only names all
 * it knows. */
static bool asks_for_something(const json_t *value) {
  return json_is_true(value) ||
         (json_is_number(value) && json_number_value(value) != 0) ||
         json_string_length(value) > 0 || json_array_size(value) > 0 ||
         json_object_size(value) > 0;
}

static bool is_known(const char *name, const dl_field *fields) {
  while (fields->name && strcmp(fields->name, name) != 0)
    fields++;
  return fields->name;
}

const char *dl_fields_unknown(json_t *body, const dl_field *fields) {
  const char *name;
  json_t *value;
  json_object_foreach(body, name, value) {
    if (!is_known(name, fields) && asks_for_something(value))
      return name;
  }
  return NULL;
}
