/* What is looked up in a row. */
#include "operations.h"

#include <string.h>

const dt_field *dt_operations_field(const dt_field *fields, const char *name) {
  for (const dt_field *f = fields; f && f->name; f++)
    if (f->name[0] == name[0] && strcmp(f->name, name) == 0)
      return f;
  return NULL;
}

const dt_shape *dt_operations_shape(const dt_field *field) {
  return field->type == DT_OBJECT || field->type == DT_HANDLE
             ? field->with.shape
             : NULL;
}

const char *const *dt_operations_values(const dt_field *field) {
  return field->type == DT_STRING ? field->with.values : NULL;
}

int dt_operations_count(const dt_field *fields) {
  int n = 0;
  while (fields && fields[n].name)
    n++;
  return n;
}

const char *dt_operations_wire_name(const dt_field *field) {
  return field->wire ? field->wire : field->name;
}

const dt_field *dt_operations_wire(const dt_field *fields, const char *wire) {
  for (const dt_field *f = fields; f && f->name; f++) {
    const char *name = dt_operations_wire_name(f);
    if (name[0] == wire[0] && strcmp(name, wire) == 0)
      return f;
  }
  return NULL;
}

const char *dt_operations_type_name(const dt_field *field) {
  static const char *const names[] = {"string",  "integer", "number",
                                      "boolean", "object",  "sandbox",
                                      "any",     "bytes",   "function"};
  return names[field->type];
}

const dt_field *dt_operations_options(const dt_operation *op) {
  return op->flags & DT_ALONE ? NULL : dt_operations_common;
}

int dt_operations_distance(const char *a, const char *b) {
  enum { MAX = 32 };
  int rows[MAX][MAX];
  int n = (int)strnlen(a, MAX - 1), m = (int)strnlen(b, MAX - 1);
  for (int i = 0; i <= n; i++) {
    for (int j = 0; j <= m; j++) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      int same = a[i - 1] == b[j - 1];
      int best = rows[i - 1][j - 1] + !same;
      if (rows[i - 1][j] + 1 < best)
        best = rows[i - 1][j] + 1;
      if (rows[i][j - 1] + 1 < best)
        best = rows[i][j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
          rows[i - 2][j - 2] + 1 < best)
        best = rows[i - 2][j - 2] + 1;
      rows[i][j] = best;
    }
  }
  return rows[n][m];
}

/* "auto_stop_interval" for "autoStopInterval": the docs of other SDKs. */
static int same_in_camel_case(const char *snake, const char *camel) {
  for (; *snake; snake++, camel++) {
    char expected = *snake;
    if (expected == '_') {
      expected = *++snake;
      if (expected >= 'a' && expected <= 'z')
        expected = (char)(expected - 'a' + 'A');
    }
    if (expected != *camel)
      return 0;
  }
  return *camel == '\0';
}

const char *dt_operations_nearest(const dt_operation *op, const char *name) {
  const dt_field *const lists[] = {op->params, dt_operations_options(op)};
  const char *nearest = NULL;
  int best = (int)strnlen(name, 64) / 3 + 1;
  for (int i = 0; i < 2; i++) {
    for (const dt_field *f = lists[i]; f && f->name; f++) {
      int d = same_in_camel_case(f->name, name)
                  ? 0
                  : dt_operations_distance(name, f->name);
      if (d <= best && (d < best || !nearest)) {
        best = d;
        nearest = f->name;
      }
    }
  }
  return nearest;
}
