#include "as.h"
#include "charts.h"

#include "wire/base64.h"

#include <stdint.h>
#include <string.h>

/* The Python program that describes charts, as a string. */
__asm__(".section .rodata\n"
        "dl_chart_wrapper:\n"
        ".incbin \"toolbox/process/chart_wrapper.py\"\n"
        ".byte 0\n"
        ".previous\n");
extern const char dl_chart_wrapper[] __attribute__((visibility("hidden")));

static const char marker[] = "dtn_artifact_k39fd2:";
#define MARKER_LEN (sizeof marker - 1)

enum kind { TEXT, NUMBER, NUMBERS, TEXTS, POINTS };

typedef struct field {
  const char *name;
  enum kind kind;
} field;

static const field chart_fields[] = {{"title", TEXT},
                                     {"png", TEXT},
                                     {"x_label", TEXT},
                                     {"y_label", TEXT},
                                     {"x_ticks", NUMBERS},
                                     {"y_ticks", NUMBERS},
                                     {"x_tick_labels", TEXTS},
                                     {"y_tick_labels", TEXTS},
                                     {"x_scale", TEXT},
                                     {"y_scale", TEXT},
                                     {NULL, TEXT}};

static const field element_fields[] = {
    {"label", TEXT},    {"points", POINTS},
    {"value", TEXT},    {"group", TEXT},
    {"angle", NUMBER},  {"radius", NUMBER},
    {"min", NUMBER},    {"first_quartile", NUMBER},
    {"median", NUMBER}, {"third_quartile", NUMBER},
    {"max", NUMBER},    {"outliers", NUMBERS},
    {"type", TEXT},     {NULL, TEXT}};

static bool all_are(const json_t *list, enum kind kind);

static bool fits(const json_t *value, enum kind kind) {
  switch (kind) {
    case TEXT:
      return json_is_string(value);
    case NUMBER:
      return json_is_number(value);
    case NUMBERS:
      return json_is_array(value) && all_are(value, NUMBER);
    case TEXTS:
      return json_is_array(value) && all_are(value, TEXT);
    default:
      break;
  }
  return json_is_array(value) && all_are(value, NUMBERS);
}

static bool all_are(const json_t *list, enum kind kind) {
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *item = json_array_get(list, i);
    if (!fits(item, kind) || (kind == NUMBERS && json_array_size(item) != 2))
      return false;
  }
  return true;
}

static bool is_empty(const json_t *value) {
  if (json_is_string(value))
    return json_string_length(value) == 0;
  return json_is_array(value) && json_array_size(value) == 0;
}

/* Copies the known fields that are not empty. False if one has a wrong type. */
static bool copy_fields(json_t *to, const json_t *from, const field *fields) {
  for (; fields->name; fields++) {
    json_t *value = json_object_get(from, fields->name);
    if (!value || json_is_null(value))
      continue;
    if (!fits(value, fields->kind))
      return false;
    if (!is_empty(value) && json_object_set(to, fields->name, value))
      return false;
  }
  return true;
}

static json_t *read_chart(const json_t *value, int depth);

/* All that an older server lets pass of a chart in a chart. */
static json_t *name_chart(const json_t *value, const char *type) {
  static const field names[] = {{"label", TEXT},   {"title", TEXT},
                                {"png", TEXT},     {"x_label", TEXT},
                                {"y_label", TEXT}, {NULL, TEXT}};
  json_t *out = json_pack("{s:s}", "type", type);
  if (out && copy_fields(out, value, names))
    return out;
  json_decref(out);
  return NULL;
}

/* An element of a chart; one of a composite chart is a chart itself. */
static json_t *read_element(const json_t *value, int depth) {
  const char *type = json_string_value(json_object_get(value, "type"));
  if (type && depth == 0 && dl_as_now()->old_charts)
    return name_chart(value, type);
  if (type && depth == 0)
    return read_chart(value, depth + 1);
  json_t *out = json_object();
  if (json_is_object(value) && copy_fields(out, value, element_fields))
    return out;
  json_decref(out);
  return NULL;
}

/* The chart with its known fields only, or NULL if it does not fit. */
static json_t *read_chart(const json_t *value, int depth) {
  json_t *type = json_object_get(value, "type");
  json_t *list = json_object_get(value, "elements"), *elements, *item, *out;
  bool old = dl_as_now()->old_charts;
  if (!json_is_string(type) ||
      (old && strcmp(json_string_value(type), "bar") == 0) ||
      (list && !json_is_null(list) && !json_is_array(list)))
    return NULL;
  elements = json_is_array(list) ? json_array() : json_null();
  size_t i;
  json_array_foreach(list, i, item) {
    json_t *element = read_element(item, depth);
    if (!element || json_array_append_new(elements, element)) {
      json_decref(elements);
      return NULL;
    }
  }
  out = json_pack("{s:O, s:o}", "type", type, "elements", elements);
  if (out && copy_fields(out, value, chart_fields))
    return out;
  json_decref(out);
  return NULL;
}

static json_t *parse_line(const char *text, size_t len) {
  json_t *line = json_loadb(text, len, JSON_DISABLE_EOF_CHECK, NULL);
  const char *type = json_string_value(json_object_get(line, "type"));
  json_t *chart = NULL;
  if (type && strcmp(type, "chart") == 0)
    chart = read_chart(json_object_get(line, "value"), 0);
  json_decref(line);
  return chart;
}

json_t *dl_charts_take(dl_strbuf *output) {
  json_t *charts = NULL;
  size_t from = 0, to = 0;
  bool at_end = false; /* the last line was taken out */
  while (from < output->len) {
    const char *line = output->data + from;
    const char *end = memchr(line, '\n', output->len - from);
    size_t len = end ? (size_t)(end - line) : output->len - from;
    size_t whole = end ? len + 1 : len;
    if (len >= MARKER_LEN && memcmp(line, marker, MARKER_LEN) == 0) {
      json_t *chart = parse_line(line + MARKER_LEN, len - MARKER_LEN);
      if (chart && !charts)
        charts = json_array();
      if (chart)
        json_array_append_new(charts, chart);
      at_end = true;
    }
    else {
      memmove(output->data + to, line, whole);
      to += whole;
      at_end = false;
    }
    from += whole;
  }
  if (dl_as_now()->old_charts && at_end && to > 0)
    to -= output->data[to - 1] == '\n';
  output->len = to;
  return charts;
}

bool dl_charts_wanted(const char *code, size_t len) {
  static const char *const names[] = {"matplotlib", "pylab", "pandas",
                                      "seaborn"};
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    if (memmem(code, len, names[i], strlen(names[i])))
      return true;
  }
  return false;
}

int dl_charts_wrap(const char *code, size_t len, dl_strbuf *program) {
  size_t need = dt_base64_encoded_size(len);
  dl_strbuf_adds(program, dl_chart_wrapper);
  dl_strbuf_addf(program, "_daytona_run(%s, \"",
                 dl_as_now()->old_charts ? "True" : "False");
  if (len > SIZE_MAX / 2 || dl_strbuf_reserve(program, need + 1))
    return -1;
  dt_base64_encode(code, len, false, program->data + program->len);
  program->len += need;
  return dl_strbuf_adds(program, "\")\n");
}
