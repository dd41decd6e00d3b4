/* The rows of a language server in the sandbox, which has a language and a
 * project. */
#include "parts.h"

/* clang-format off */

static const char *const languages[] = {"python", "typescript", "javascript", NULL};

#define SERVER(in) {.name = "language_id", .wire = "languageId", .place = in, .flags = DT_REQUIRED | DT_HELD, .with.values = languages, .doc = "python, typescript or javascript"}, \
  {.name = "path_to_project", .wire = "pathToProject", .place = in, .flags = DT_REQUIRED | DT_NONBLANK | DT_HELD, .doc = "directory of the project"}
#define DOCUMENT(in) {.name = "path", .wire = "uri", .place = in, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "file in the sandbox"}

static const dt_field server_params[] = {SERVER(DT_BODY), END};
static const dt_field document_params[] = {SERVER(DT_BODY), DOCUMENT(DT_BODY), END};
static const dt_field symbols_params[] = {SERVER(DT_QUERY), DOCUMENT(DT_QUERY), END};
static const dt_field search_params[] = {
  SERVER(DT_QUERY), {.name = "query", .place = DT_QUERY, .flags = DT_REQUIRED, .doc = "part of a name"}, END
};

static const dt_field position_fields[] = {
  {.name = "line", NATURAL_REQUIRED, .doc = "line, from 0"},
  {.name = "character", NATURAL_REQUIRED, .doc = "character in it, from 0, in UTF-16 units"}, END
};
static const dt_shape position_shape = {"lsp_position", position_fields};
static const dt_field context_fields[] = {
  {.name = "trigger_kind", .wire = "triggerKind", NATURAL_REQUIRED, .doc = "1: asked for, 2: by a character, 3: again"},
  {.name = "trigger_character", .wire = "triggerCharacter", .doc = "that character"}, END
};
static const dt_shape context_shape = {"lsp_completion_context", context_fields};
static const dt_field completions_params[] = {
  SERVER(DT_BODY), DOCUMENT(DT_BODY),
  {.name = "position", .type = DT_OBJECT, .flags = DT_REQUIRED, .with.shape = &position_shape, .doc = "where: { line = 0, character = 0 } is the beginning"},
  {.name = "context", .type = DT_OBJECT, .with.shape = &context_shape, .doc = "why it is asked for"}, END
};

static const dt_field range_fields[] = {
  {.name = "start", .type = DT_OBJECT, .with.shape = &position_shape, .doc = "first character"},
  {.name = "end", .type = DT_OBJECT, .with.shape = &position_shape, .doc = "the one after the last; range[\"end\"] in Lua"}, END
};
static const dt_shape range_shape = {"lsp_range", range_fields};
static const dt_field location_fields[] = {
  {.name = "uri", .doc = "file:// and the path"}, {.name = "range", .type = DT_OBJECT, .with.shape = &range_shape, .doc = "where in it"}, END
};
static const dt_shape location_shape = {"lsp_location", location_fields};
static const dt_field symbol_fields[] = {
  {.name = "name", .flags = DT_THERE, .doc = "name"},
  {.name = "kind", .type = DT_INTEGER, .doc = "SymbolKind of the protocol: 5 class, 6 method, 12 function, 13 variable ..."},
  {.name = "location", .type = DT_OBJECT, .with.shape = &location_shape, .doc = "where it is"}, END
};
static const dt_shape symbol_shape = {"lsp_symbol", symbol_fields};
static const dt_field item_fields[] = {
  {.name = "label", .flags = DT_THERE, .doc = "what is shown"},
  {.name = "kind", .type = DT_INTEGER, .flags = DT_NULLABLE, .doc = "CompletionItemKind of the protocol"},
  {.name = "detail", .flags = DT_NULLABLE, .doc = "such as the type"},
  {.name = "documentation", .type = DT_ANY, .doc = "text, or { kind, value }"},
  {.name = "sort_text", .wire = "sortText", .flags = DT_NULLABLE, .doc = "order"},
  {.name = "filter_text", .wire = "filterText", .flags = DT_NULLABLE, .doc = "what typed text is compared with"},
  {.name = "insert_text", .wire = "insertText", .flags = DT_NULLABLE, .doc = "what to insert, if not the label"}, END
};
static const dt_shape item_shape = {"lsp_completion", item_fields};
static const dt_field completions_fields[] = {
  {.name = "is_incomplete", .wire = "isIncomplete", .type = DT_BOOLEAN, .doc = "true: there may be more once more is typed"},
  {.name = "items", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &item_shape, .doc = "completions"}, END
};
static const dt_shape completions_shape = {"lsp_completions", completions_fields};

#define NOT_STARTED "kind bad_request where the server was not started"

static const dt_field create_params[] = {SERVER(DT_CALL), END};

const dt_operation dt_operations_lsp[] = {
  {.name = "sandbox.create_lsp_server", .method = "", .path = "", .params = create_params, .flags = DT_READS | DT_ALONE,
   .doc = "A language server for a project in the sandbox; nothing is sent."},
  {.name = "lsp.start", .method = "POST", .plane = DT_TOOLBOX, .path = "/lsp/start", .params = server_params, .flags = DT_IDEMPOTENT,
   .fails = "kind bad_request for another language, server where there is no language server in the sandbox",
   .doc = "Starts the language server; one that runs stays."},
  {.name = "lsp.stop", .method = "POST", .plane = DT_TOOLBOX, .path = "/lsp/stop", .params = server_params,
   .fails = "kind server where none was started",
   .doc = "Stops the language server."},
  {.name = "lsp.did_open", .method = "POST", .plane = DT_TOOLBOX, .path = "/lsp/did-open", .params = document_params,
   .fails = NOT_STARTED ", or there is no such file",
   .doc = "Tells the server that a file is open; it gets it as it is now."},
  {.name = "lsp.did_close", .method = "POST", .plane = DT_TOOLBOX, .path = "/lsp/did-close", .params = document_params, .fails = NOT_STARTED,
   .doc = "Tells the server that a file is open no longer."},
  {.name = "lsp.document_symbols", .method = "GET", .plane = DT_TOOLBOX, .path = "/lsp/document-symbols", .params = symbols_params, .flags = DT_IDEMPOTENT, .result = OBJECTS(symbol_shape), .fails = NOT_STARTED,
   .doc = "The functions, classes and variables of an open file."},
  {.name = "lsp.sandbox_symbols", .method = "GET", .plane = DT_TOOLBOX, .path = "/lsp/workspacesymbols", .params = search_params, .flags = DT_IDEMPOTENT, .result = OBJECTS(symbol_shape), .fails = NOT_STARTED,
   .doc = "Those of the whole project whose names are like a text."},
  {.name = "lsp.completions", .method = "POST", .plane = DT_TOOLBOX, .path = "/lsp/completions", .params = completions_params, .flags = DT_IDEMPOTENT | DT_READS, .result = OBJECT(completions_shape), .fails = NOT_STARTED,
   .doc = "What could be typed next at a place of an open file."},
  {.name = NULL}
};
