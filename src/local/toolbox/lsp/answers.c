#include "lsp.h"
#include "toolbox/path.h"
#include "toolbox/text.h"

#include <stdlib.h>
#include <string.h>

/* What language servers answer, in the form of the toolbox. */

#define DEPTH 64 /* of symbols within symbols */

/* The URI of a document or a project as servers read it, from what clients put
 * there: file:// and the path, not escaped. `*path`, if wanted, is the path;
 * the caller frees it. NULL without memory. */
json_t *dl_lsp_uri(const char *uri, char **path) {
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
                              "wxyz0123456789-._~/!$&'()*+,;=:@";
  char *full =
      dl_path_absolute(strncmp(uri, "file://", 7) == 0 ? uri + 7 : uri);
  dl_strbuf text = {0};
  const char *at;
  json_t *result = NULL;
  dl_strbuf_adds(&text, "file://");
  for (at = full; at && *at; at++) {
    if (strchr(plain, *at))
      dl_strbuf_addc(&text, *at);
    else
      dl_strbuf_addf(&text, "%%%02X", (unsigned)(unsigned char)*at);
  }
  if (full && !text.failed)
    result = json_string(text.data);
  dl_strbuf_free(&text);
  if (path)
    *path = full;
  else
    free(full);
  return result;
}

/* The place of a symbol: its own, or where it is in the document. */
static json_t *location(const json_t *symbol, const char *uri) {
  json_t *own = json_object_get(symbol, "location");
  json_t *range = json_object_get(own ? own : symbol, "range");
  json_t *at = json_object_get(own, "uri");
  if (!json_is_object(range))
    return NULL;
  return json_pack("{s:O, s:o}", "range", range, "uri",
                   json_is_string(at) ? json_incref(at) : json_string(uri));
}

static void add_symbols(json_t *list, const json_t *answer, const char *uri,
                        int depth) {
  size_t i;
  json_t *symbol;
  json_array_foreach(answer, i, symbol) {
    json_t *name = json_object_get(symbol, "name");
    json_t *kind = json_object_get(symbol, "kind");
    json_t *where = location(symbol, uri);
    if (json_is_string(name) && json_is_integer(kind) && where)
      json_array_append_new(list, json_pack("{s:O, s:O, s:O}", "kind", kind,
                                            "location", where, "name", name));
    json_decref(where);
    if (depth > 0)
      add_symbols(list, json_object_get(symbol, "children"), uri, depth - 1);
  }
}

/* The symbols of an answer, those within others behind them. `uri` is that of
 * the document, for symbols that do not say theirs. */
json_t *dl_lsp_symbols(const json_t *answer, const char *uri) {
  json_t *list = json_array();
  if (list)
    add_symbols(list, answer, uri, DEPTH);
  return list;
}

static json_t *completion(const json_t *item) {
  static const char *const names[] = {"label",         "kind",     "detail",
                                      "documentation", "sortText", "filterText",
                                      "insertText"};
  json_t *made = json_object();
  size_t i;
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    json_t *value = json_object_get(item, names[i]);
    if (value && !json_is_null(value))
      json_object_set(made, names[i], value);
  }
  return made;
}

/* The completions of an answer, which is a list or an object with one. */
json_t *dl_lsp_completions(const json_t *answer) {
  const json_t *items =
      json_is_array(answer) ? answer : json_object_get(answer, "items");
  json_t *list = json_array(), *item;
  size_t i;
  json_array_foreach(items, i, item) {
    if (json_is_string(json_object_get(item, "label")))
      json_array_append_new(list, completion(item));
  }
  return json_pack("{s:b, s:o}", "isIncomplete",
                   (int)json_is_true(json_object_get(answer, "isIncomplete")),
                   "items", list);
}
