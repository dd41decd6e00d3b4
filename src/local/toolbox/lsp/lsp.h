#ifndef DL_LSP_H
#define DL_LSP_H

#include "toolbox/daemon.h"

/* Language servers: programs that answer about code. Each is of a language and
 * a project, and talks to us over its standard input and output. */

#define DL_LSP_ERROR 512 /* bytes of a reason, with its NUL */

typedef struct dl_lsp_server dl_lsp_server;

/* How a call of a server went. */
typedef enum {
  DL_LSP_DONE,
  DL_LSP_REFUSED, /* it answered with an error */
  DL_LSP_LACKS,   /* it has no such method */
  DL_LSP_LATE,    /* it did not answer in time */
  DL_LSP_ENDED    /* it has ended, or does not speak the protocol */
} dl_lsp_outcome;

#pragma GCC visibility push(hidden)

/* server.c */
dl_lsp_server *dl_lsp_server_start(const char *const *argv, char *const *env,
                                   int *error);
bool dl_lsp_server_runs(dl_lsp_server *server);
void dl_lsp_server_ready(dl_lsp_server *server, bool ready);
bool dl_lsp_server_is_ready(dl_lsp_server *server, int wait_ms);
void dl_lsp_server_ref(dl_lsp_server *server);
void dl_lsp_server_unref(dl_lsp_server *server);
void dl_lsp_server_end(dl_lsp_server *server, int grace_ms);

/* call.c */
dl_lsp_outcome dl_lsp_call(dl_lsp_server *server, const char *method,
                           json_t *params, int wait_ms, json_t **result,
                           char why[DL_LSP_ERROR]);
int dl_lsp_notify(dl_lsp_server *server, const char *method, json_t *params);

/* documents.c */
bool dl_lsp_opened(dl_lsp_server *server, const char *uri);
void dl_lsp_closed(dl_lsp_server *server, const char *uri);
dl_lsp_outcome dl_lsp_search_documents(dl_lsp_server *server, const char *text,
                                       int wait_ms, json_t **found,
                                       char why[DL_LSP_ERROR]);

/* servers.c */
bool dl_lsp_knows(const char *language);
int dl_lsp_start(const dl_toolbox *toolbox, const char *language,
                 const char *project, char why[DL_LSP_ERROR]);
bool dl_lsp_stop(const char *language, const char *project);
dl_lsp_server *dl_lsp_find(const char *language, const char *project);

/* answers.c */
json_t *dl_lsp_uri(const char *uri, char **path);
json_t *dl_lsp_symbols(const json_t *answer, const char *uri);
json_t *dl_lsp_completions(const json_t *answer);

/* routes.c */
void dl_lsp_start_post(dl_http_request *req);
void dl_lsp_stop_post(dl_http_request *req);
void dl_lsp_did_open(dl_http_request *req);
void dl_lsp_did_close(dl_http_request *req);
void dl_lsp_document_symbols(dl_http_request *req);
void dl_lsp_sandbox_symbols(dl_http_request *req);
void dl_lsp_completions_post(dl_http_request *req);

#pragma GCC visibility pop

#endif
