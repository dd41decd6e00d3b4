#include "server.h"
#include "clock.h"

#include <pthread.h>
#include <string.h>

/* The documents that a server was told of. */

#define MOST 256

/* Notes that the document is open. False if there are too many. */
bool dl_lsp_opened(dl_lsp_server *s, const char *uri) {
  bool ok;
  pthread_mutex_lock(&s->lock);
  if (!s->documents)
    s->documents = json_object();
  ok = json_object_get(s->documents, uri) ||
       (json_object_size(s->documents) < MOST &&
        json_object_set_new(s->documents, uri, json_true()) == 0);
  pthread_mutex_unlock(&s->lock);
  return ok;
}

void dl_lsp_closed(dl_lsp_server *s, const char *uri) {
  pthread_mutex_lock(&s->lock);
  if (s->documents)
    json_object_del(s->documents, uri);
  pthread_mutex_unlock(&s->lock);
}

static void add_matching(json_t *found, json_t *symbols, const char *text) {
  size_t i;
  json_t *symbol;
  json_array_foreach(symbols, i, symbol) {
    const char *name = json_string_value(json_object_get(symbol, "name"));
    if (name && strcasestr(name, text))
      json_array_append(found, symbol);
  }
}

/* The symbols of the open documents whose names have the text in them, in upper
 * or lower case: for servers that cannot search a project, as pylsp. As
 * dl_lsp_call; `*found` is in the form of the toolbox. */
dl_lsp_outcome dl_lsp_search_documents(dl_lsp_server *s, const char *text,
                                       int wait_ms, json_t **found,
                                       char why[DL_LSP_ERROR]) {
  int64_t until = dl_clock_monotonic_ms() + wait_ms;
  dl_lsp_outcome outcome = DL_LSP_DONE;
  json_t *documents, *result, *symbols;
  const char *uri;
  void *at;
  pthread_mutex_lock(&s->lock);
  documents = json_copy(s->documents);
  pthread_mutex_unlock(&s->lock);
  *found = json_array();
  for (at = json_object_iter(documents); at && outcome == DL_LSP_DONE;
       at = json_object_iter_next(documents, at)) {
    int64_t left = until - dl_clock_monotonic_ms();
    uri = json_object_iter_key(at);
    outcome = dl_lsp_call(s, "textDocument/documentSymbol",
                          json_pack("{s:{s:s}}", "textDocument", "uri", uri),
                          left > 0 ? (int)left : 0, &result, why);
    symbols = outcome == DL_LSP_DONE ? dl_lsp_symbols(result, uri) : NULL;
    add_matching(*found, symbols, text);
    json_decref(symbols);
    json_decref(result);
  }
  json_decref(documents);
  if (outcome != DL_LSP_DONE) {
    json_decref(*found);
    *found = NULL;
  }
  return outcome;
}
