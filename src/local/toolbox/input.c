#include "input.h"

#include <string.h>
#include <strings.h>

static const char *type_name(const json_t *value) {
  switch (json_typeof(value)) {
    case JSON_OBJECT:
      return "object";
    case JSON_ARRAY:
      return "array";
    case JSON_STRING:
      return "string";
    case JSON_INTEGER:
    case JSON_REAL:
      return "number";
    case JSON_TRUE:
    case JSON_FALSE:
      return "bool";
    default:
      return "null";
  }
}

static void wrong_type(dl_input *in, const char *field, const json_t *value,
                       const char *expected) {
  if (in->broken.len > 0)
    return;
  if (json_is_string(value) &&
      memchr(json_string_value(value), 0, json_string_length(value)))
    dl_strbuf_addf(&in->broken, "%s.%s contains a NUL byte", in->type, field);
  else
    dl_strbuf_addf(
        &in->broken,
        "json: cannot unmarshal %s into Go struct field %s.%s of type "
        "%s",
        type_name(value), in->type, field, expected);
}

/* Field names in messages are those of the daemon's structs. */
static void is_missing(dl_input *in, const char *name) {
  char field[64] = "";
  size_t i, n = 0;
  bool upper = true;
  for (i = 0; name[i] && n + 1 < sizeof field; i++) {
    if (name[i] == '_') {
      upper = true;
      continue;
    }
    field[n++] = upper && name[i] >= 'a' && name[i] <= 'z'
                     ? (char)(name[i] - 'a' + 'A')
                     : name[i];
    upper = false;
  }
  field[n] = '\0';
  if (strcmp(name, "url") == 0)
    memcpy(field, "URL", 3);
  dl_strbuf_addf(&in->missing,
                 "%sKey: '%s.%s' Error:Field validation for '%s' failed on the "
                 "'required' tag",
                 in->missing.len ? "\n" : "", in->type, field, field);
}

void dl_input_begin(dl_input *in, dl_http_request *req, const char *type,
                    const char *prefix, const char *code) {
  const char *error = NULL;
  json_t *body = dl_http_json(req, &error);
  memset(in, 0, sizeof *in);
  in->req = req;
  in->type = type;
  in->prefix = prefix;
  in->code = code;
  if (!body)
    dl_strbuf_adds(&in->broken, error);
  else if (json_is_object(body))
    in->body = body;
  else if (!json_is_null(body))
    dl_strbuf_addf(&in->broken,
                   "json: cannot unmarshal %s into Go value of type %s",
                   type_name(body), type);
}

json_t *dl_input_field(dl_input *in, const char *name) {
  json_t *value = json_object_get(in->body, name);
  const char *key;
  json_t *other;
  if (!value && in->body) {
    json_object_foreach(in->body, key, other) {
      if (strcasecmp(key, name) == 0)
        value = other;
    }
  }
  return json_is_null(value) ? NULL : value;
}

const char *dl_input_bytes(dl_input *in, const char *name, bool required,
                           size_t *len) {
  json_t *value = dl_input_field(in, name);
  *len = 0;
  if (value && !json_is_string(value))
    wrong_type(in, name, value, "string");
  else if (value)
    *len = json_string_length(value);
  if (required && in->body && *len == 0 && (!value || json_is_string(value)))
    is_missing(in, name);
  return *len ? json_string_value(value) : "";
}

const char *dl_input_string(dl_input *in, const char *name, bool required) {
  size_t len;
  const char *text = dl_input_bytes(in, name, required, &len);
  if (strlen(text) != len && in->broken.len == 0)
    dl_strbuf_addf(&in->broken, "%s.%s contains a NUL byte", in->type, name);
  return text;
}

bool dl_input_bool(dl_input *in, const char *name) {
  json_t *value = dl_input_field(in, name);
  if (value && !json_is_boolean(value))
    wrong_type(in, name, value, "bool");
  return json_is_true(value);
}

unsigned dl_input_uint32(dl_input *in, const char *name) {
  json_t *value = dl_input_field(in, name);
  if (!value)
    return 0;
  if (!json_is_integer(value) || json_integer_value(value) < 0 ||
      json_integer_value(value) > UINT32_MAX) {
    wrong_type(in, name, value, "uint32");
    return 0;
  }
  return (unsigned)json_integer_value(value);
}

static bool plain_string(const json_t *value) {
  return json_is_string(value) &&
         strlen(json_string_value(value)) == json_string_length(value);
}

json_t *dl_input_strings(dl_input *in, const char *name, bool required) {
  json_t *value = dl_input_field(in, name);
  if (!value) {
    if (required && in->body)
      is_missing(in, name);
    return NULL;
  }
  if (!json_is_array(value)) {
    wrong_type(in, name, value, "[]string");
    return NULL;
  }
  json_t *item;
  size_t i;
  json_array_foreach(value, i, item) {
    if (!plain_string(item)) {
      wrong_type(in, name, item, "string");
      return NULL;
    }
  }
  return value;
}

json_t *dl_input_map(dl_input *in, const char *name) {
  json_t *value = dl_input_field(in, name);
  if (!value)
    return NULL;
  if (!json_is_object(value)) {
    wrong_type(in, name, value, "map[string]string");
    return NULL;
  }
  const char *key;
  json_t *item;
  json_object_foreach(value, key, item) {
    if (!plain_string(item) && !json_is_null(item)) {
      wrong_type(in, name, item, "string");
      return NULL;
    }
  }
  return value;
}

bool dl_input_ok(dl_input *in) {
  const dl_strbuf *why = in->broken.len ? &in->broken : &in->missing;
  bool ok = why->len == 0;
  if (!ok)
    dl_http_reply_error(in->req, 400, in->code, "%s%s", in->prefix, why->data);
  dl_strbuf_free(&in->broken);
  dl_strbuf_free(&in->missing);
  return ok;
}
