#include "lsp.h"
#include "as.h"
#include "toolbox/input.h"
#include "toolbox/path.h"
#include "toolbox/process/children.h"
#include "toolbox/process/shell.h"
#include "toolbox/text.h"
#include "frames.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MS 30000 /* until a language server has answered */

/* What all of them ask with. */
typedef struct ask {
  const char *language;
  const char *project;
  const char *uri; /* NULL: it is about no document */
} ask;

static void begin(dl_input *in, dl_http_request *req, const char *type, ask *a,
                  bool document) {
  dl_input_begin(in, req, type,
                 "invalid request body: ", DL_INPUT_INVALID_BODY);
  a->language = dl_input_string(in, "languageId", true);
  a->project = dl_input_string(in, "pathToProject", true);
  a->uri = document ? dl_input_string(in, "uri", true) : NULL;
}

/* A parameter of the query that must be there; answers 400. */
static const char *query(dl_http_request *req, const char *name) {
  const char *value = dl_http_query(req, name);
  if (value && *value)
    return value;
  dl_http_reply_error(req, 400, NULL, "bad request: %s is required", name);
  return NULL;
}

static bool begin_query(dl_http_request *req, ask *a) {
  a->language = query(req, "languageId");
  a->project = a->language ? query(req, "pathToProject") : NULL;
  a->uri = NULL;
  return a->project != NULL;
}

/* Whether there are servers of the language; answers 400. */
static bool is_known(dl_http_request *req, const ask *a) {
  if (dl_lsp_knows(a->language))
    return true;
  dl_http_reply_error(req, 400, NULL, "bad request: unsupported language: %s",
                      a->language);
  return false;
}

/* The server that is asked, with a reference; answers 400. */
static dl_lsp_server *find(dl_http_request *req, const ask *a) {
  dl_lsp_server *server =
      is_known(req, a) ? dl_lsp_find(a->language, a->project) : NULL;
  if (!server && !dl_http_replied(req))
    dl_http_reply_error(req, 400, "LSP_SERVER_NOT_INITIALIZED",
                        "bad request: server not initialized");
  return server;
}

/* Answers for a server that has not done what it was asked for. */
static void refuse(dl_http_request *req, dl_lsp_outcome outcome,
                   const char *why) {
  if (dl_children_stopping())
    dl_http_drop(req);
  else if (outcome == DL_LSP_LATE)
    dl_http_reply_error(req, 408, NULL, "request timeout: %s", why);
  else
    dl_http_reply_error(req, 400, NULL, "bad request: %s", why);
}

/* Asks the server for something; takes the reference of `params`. NULL if the
 * request has been answered. */
static json_t *call(dl_http_request *req, const ask *a, const char *method,
                    json_t *params) {
  dl_lsp_server *server = find(req, a);
  char why[DL_LSP_ERROR] = "";
  json_t *result = NULL;
  dl_lsp_outcome outcome;
  if (!server) {
    json_decref(params);
    return NULL;
  }
  outcome = dl_lsp_call(server, method, params, ANSWER_MS, &result, why);
  if (outcome != DL_LSP_DONE)
    refuse(req, outcome, why);
  else if (!result)
    result = json_null();
  dl_lsp_server_unref(server);
  return result;
}

/* POST /lsp/start */
void dl_lsp_start_post(dl_http_request *req) {
  char why[DL_LSP_ERROR] = "";
  dl_input in;
  ask a;
  int error;
  begin(&in, req, "LspServerRequest", &a, false);
  if (!dl_input_ok(&in) || (!dl_as_now()->old_lsp && !is_known(req, &a)))
    return;
  error = dl_lsp_start(dl_daemon_of(req), a.language, a.project, why);
  if (error == 0)
    dl_http_reply_empty(req, 200);
  else if (error == EUSERS)
    dl_http_reply_error(req, 409, NULL,
                        "conflict: too many language servers run; stop one");
  else if (dl_children_stopping())
    dl_http_drop(req);
  else if (!dl_shell_refuse(req, error))
    dl_http_reply_error(req, 500, NULL, "internal server error: %s", why);
}

/* POST /lsp/stop */
void dl_lsp_stop_post(dl_http_request *req) {
  dl_input in;
  ask a;
  begin(&in, req, "LspServerRequest", &a, false);
  if (!dl_input_ok(&in))
    return;
  if (dl_lsp_stop(a.language, a.project))
    dl_http_reply_empty(req, 200);
  else
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: no server for language: %s",
                        a.language);
}

/* The text of a regular file that fits into a message, or NULL with errno. */
static json_t *read_document(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  char *bytes = NULL;
  json_t *text = NULL;
  struct stat st;
  ssize_t n = 0;
  size_t len = 0;
  if (fd < 0)
    return NULL;
  if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
    errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
  else if ((size_t)st.st_size > DL_LSP_MESSAGE)
    errno = EFBIG;
  else if ((bytes = malloc((size_t)st.st_size + 1))) {
    while (len < (size_t)st.st_size &&
           (n = read(fd, bytes + len, (size_t)st.st_size - len)) > 0)
      len += (size_t)n;
    text = n < 0 ? NULL : dl_text_json(bytes, len);
  }
  free(bytes);
  close(fd);
  return text;
}

/* Tells the server of a document; takes the references. */
static void tell(dl_http_request *req, const ask *a, const char *method,
                 bool opens, json_t *document) {
  const char *uri = json_string_value(json_object_get(document, "uri"));
  dl_lsp_server *server = find(req, a);
  if (!server) {
    json_decref(document);
    return;
  }
  if (!uri || (opens && !dl_lsp_opened(server, uri)))
    refuse(req, DL_LSP_REFUSED, "no more documents can be open; close one");
  else if (dl_lsp_notify(server, method,
                         json_pack("{s:O}", "textDocument", document)))
    refuse(req, DL_LSP_ENDED, "the language server takes no more");
  else
    dl_http_reply_empty(req, 200);
  if (uri && !opens)
    dl_lsp_closed(server, uri);
  json_decref(document);
  dl_lsp_server_unref(server);
}

/* POST /lsp/did-open: the server gets the file as it is now. */
void dl_lsp_did_open(dl_http_request *req) {
  char text[128], *path = NULL;
  json_t *uri, *content;
  dl_input in;
  ask a;
  begin(&in, req, "LspDocumentRequest", &a, true);
  if (!dl_input_ok(&in))
    return;
  uri = dl_lsp_uri(a.uri, &path);
  content = path ? read_document(path) : NULL;
  if (!content)
    dl_http_reply_error(req, 400, NULL, "bad request: open %s: %s", a.uri,
                        dl_envelope_errno(errno, text, sizeof text));
  else
    tell(req, &a, "textDocument/didOpen", true,
         json_pack("{s:O, s:s, s:i, s:O}", "uri", uri, "languageId", a.language,
                   "version", 1, "text", content));
  json_decref(uri);
  json_decref(content);
  free(path);
}

/* POST /lsp/did-close */
void dl_lsp_did_close(dl_http_request *req) {
  dl_input in;
  ask a;
  begin(&in, req, "LspDocumentRequest", &a, true);
  if (dl_input_ok(&in))
    tell(req, &a, "textDocument/didClose", false,
         json_pack("{s:o}", "uri", dl_lsp_uri(a.uri, NULL)));
}

static void reply_symbols(dl_http_request *req, json_t *result,
                          const char *uri) {
  if (result)
    dl_http_reply_json(req, 200, dl_lsp_symbols(result, uri));
  json_decref(result);
}

/* GET /lsp/document-symbols */
void dl_lsp_document_symbols(dl_http_request *req) {
  json_t *uri;
  ask a;
  if (!begin_query(req, &a) || !(a.uri = query(req, "uri")))
    return;
  uri = dl_lsp_uri(a.uri, NULL);
  reply_symbols(req,
                call(req, &a, "textDocument/documentSymbol",
                     json_pack("{s:{s:O}}", "textDocument", "uri", uri)),
                json_string_value(uri));
  json_decref(uri);
}

/* Searches the project; where the server cannot, what is open of it. */
static void search(dl_http_request *req, dl_lsp_server *server,
                   const char *text) {
  char why[DL_LSP_ERROR] = "";
  json_t *result = NULL, *found = NULL;
  dl_lsp_outcome outcome =
      dl_lsp_call(server, "workspace/symbol", json_pack("{s:s}", "query", text),
                  ANSWER_MS, &result, why);
  if (outcome == DL_LSP_LACKS && !dl_as_now()->old_lsp)
    outcome = dl_lsp_search_documents(server, text, ANSWER_MS, &found, why);
  else if (outcome == DL_LSP_DONE)
    found = dl_lsp_symbols(result, "");
  json_decref(result);
  if (outcome == DL_LSP_DONE)
    dl_http_reply_json(req, 200, found);
  else
    refuse(req, outcome, why);
}

/* GET /lsp/workspacesymbols */
void dl_lsp_sandbox_symbols(dl_http_request *req) {
  const char *text = dl_http_query(req, "query");
  dl_lsp_server *server;
  ask a;
  if (!text)
    dl_http_reply_error(req, 400, NULL, "bad request: query is required");
  else if (begin_query(req, &a) && (server = find(req, &a))) {
    search(req, server, text);
    dl_lsp_server_unref(server);
  }
}

/* Whether the object has whole numbers of these names, two at most; an older
 * server refuses 0. */
static bool has_numbers(const json_t *object, const char *one,
                        const char *other) {
  const char *const names[] = {one, other};
  size_t i;
  for (i = 0; i < 2 && names[i]; i++) {
    const json_t *n = json_object_get(object, names[i]);
    json_int_t least = dl_as_now()->old_lsp ? 1 : 0;
    if (!json_is_integer(n) || json_integer_value(n) < least)
      return false;
  }
  return true;
}

/* POST /lsp/completions */
void dl_lsp_completions_post(dl_http_request *req) {
  json_t *position, *context, *result;
  dl_input in;
  ask a;
  begin(&in, req, "LspCompletionParams", &a, true);
  position = dl_input_field(&in, "position");
  context = dl_input_field(&in, "context");
  if (!dl_input_ok(&in))
    return;
  if (!has_numbers(position, "line", "character") ||
      (context && !has_numbers(context, "triggerKind", NULL))) {
    dl_http_reply_error(req, 400, DL_INPUT_INVALID_BODY,
                        "invalid request body: position needs line and "
                        "character, context triggerKind");
    return;
  }
  result = call(req, &a, "textDocument/completion",
                json_pack("{s:{s:o}, s:O, s:O*}", "textDocument", "uri",
                          dl_lsp_uri(a.uri, NULL), "position", position,
                          "context", context));
  if (result)
    dl_http_reply_json(req, 200, dl_lsp_completions(result));
  json_decref(result);
}
