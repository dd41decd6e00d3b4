#include "lsp.h"
#include "as.h"
#include "asked.h"
#include "program.h"
#include "toolbox/path.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The language servers of this sandbox, each of a language and a project. */

#define MOST 8           /* at a time */
#define START_MS 30000   /* until one says that it is there */
#define SHUTDOWN_MS 2000 /* until one says that it has nothing to do */
#define EXIT_MS 1000     /* until it has ended then */

typedef struct place {
  char *language;
  char *project;
  dl_lsp_server *server; /* NULL: nobody is here */
} place;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static place places[MOST];

static void leave(place *p) {
  dl_lsp_server_unref(p->server);
  free(p->language);
  free(p->project);
  *p = (place){0};
}

/* With the lock held; who has ended makes room. */
static place *look_up(const char *language, const char *project) {
  size_t i;
  for (i = 0; i < MOST; i++) {
    place *p = &places[i];
    if (p->server && !dl_lsp_server_runs(p->server))
      leave(p);
    if (p->server && strcmp(p->language, language) == 0 &&
        strcmp(p->project, project) == 0)
      return p;
  }
  return NULL;
}

/* Takes the server of a place, with a reference; with `out`, the place is free
 * from then on. NULL if there is none. */
static dl_lsp_server *take(const char *language, const char *project,
                           const dl_lsp_server *only, bool out) {
  dl_lsp_server *server = NULL;
  place *p;
  pthread_mutex_lock(&lock);
  p = look_up(language, project);
  if (p && (!only || p->server == only)) {
    server = p->server;
    dl_lsp_server_ref(server);
    if (out)
      leave(p);
  }
  pthread_mutex_unlock(&lock);
  return server;
}

/* The server, with a reference, if it has started. */
dl_lsp_server *dl_lsp_find(const char *language, const char *project) {
  dl_lsp_server *server = take(language, project, NULL, false);
  if (!server && dl_as_now()->old_lsp)
    dl_lsp_asked_note(language, project);
  if (!server || dl_lsp_server_is_ready(server, 0))
    return server;
  dl_lsp_server_unref(server);
  return NULL;
}

static json_t *capabilities(void) {
  return json_pack("{s:{s:{s:b}, s:{s:{s:b}}, s:{s:b}}, s:{s:{s:b}, s:b}}",
                   "textDocument", "documentSymbol",
                   "hierarchicalDocumentSymbolSupport", 0, "completion",
                   "completionItem", "snippetSupport", 0, "synchronization",
                   "dynamicRegistration", 0, "workspace", "symbol",
                   "dynamicRegistration", 0, "configuration", 1);
}

/* The greeting of the protocol. */
static dl_lsp_outcome greet(dl_lsp_server *server, const char *project,
                            char why[DL_LSP_ERROR]) {
  char *path = NULL;
  json_t *uri = dl_lsp_uri(project, &path), *result;
  dl_lsp_outcome outcome =
      dl_lsp_call(server, "initialize",
                  json_pack("{s:n, s:{s:s}, s:O?, s:O?, s:o, s:[{s:O?, s:s?}]}",
                            "processId", "clientInfo", "name", "daytona-local",
                            "rootPath", NULL, "rootUri", uri, "capabilities",
                            capabilities(), "workspaceFolders", "uri", uri,
                            "name", path ? dl_path_base(path) : NULL),
                  START_MS, &result, why);
  json_decref(uri);
  json_decref(result);
  free(path);
  if (outcome == DL_LSP_DONE)
    dl_lsp_notify(server, "initialized", json_object());
  return outcome;
}

/* With the lock held: a new server in a free place, with a reference. NULL with
 * an errno value. */
static dl_lsp_server *settle(const dl_toolbox *toolbox,
                             const dl_lsp_program *program,
                             const char *language, const char *project,
                             int *error) {
  dl_lsp_server *server = NULL;
  char **env;
  place new = {0}, *p = places;
  while (p < places + MOST && p->server)
    p++;
  *error = EUSERS;
  if (p == places + MOST)
    return NULL;
  new.language = strdup(language);
  new.project = strdup(project);
  env = dl_env_list(toolbox->env, NULL);
  *error = ENOMEM;
  if (new.language &&new.project && env)
    server = dl_lsp_program_start(program, env, error);
  dl_env_list_free(env);
  new.server = server;
  if (!server) {
    leave(&new);
    return NULL;
  }
  dl_lsp_server_ref(server);
  *p = new;
  return server;
}

/* Which program is started. An older server takes that of TypeScript for
 * whatever nobody has asked about yet. */
static const dl_lsp_program *choose(const char *language, const char *project) {
  if (dl_as_now()->old_lsp && !dl_lsp_asked_before(language, project))
    return dl_lsp_program_of("typescript");
  return dl_lsp_program_of(language);
}

/* Starts the server of a language and a project, unless it runs. 0, or an errno
 * value: EUSERS where there are too many, EPROTO where it does not speak as it
 * should; then `why` is set. */
int dl_lsp_start(const dl_toolbox *toolbox, const char *language,
                 const char *project, char why[DL_LSP_ERROR]) {
  const dl_lsp_program *program = choose(language, project);
  dl_lsp_server *server;
  bool is_new = false, ready;
  int error = 0;
  place *p;
  pthread_mutex_lock(&lock);
  p = look_up(language, project);
  if (p) {
    server = p->server;
    dl_lsp_server_ref(server);
  }
  else {
    server = settle(toolbox, program, language, project, &error);
    is_new = server != NULL;
  }
  pthread_mutex_unlock(&lock);
  if (!server) {
    dl_lsp_program_lacks(program, error, why);
    return error;
  }
  if (is_new) {
    ready = greet(server, project, why) == DL_LSP_DONE;
    dl_lsp_server_ready(server, ready);
  }
  else {
    ready = dl_lsp_server_is_ready(server, START_MS);
    if (!ready)
      snprintf(why, DL_LSP_ERROR, "the language server does not start");
  }
  if (is_new && !ready) {
    dl_lsp_server_unref(take(language, project, server, true));
    dl_lsp_server_end(server, 0);
  }
  dl_lsp_server_unref(server);
  return ready ? 0 : EPROTO;
}

/* Ends the server of a language and a project, and returns when nothing of it
 * is left. False if there is none. */
bool dl_lsp_stop(const char *language, const char *project) {
  dl_lsp_server *server = take(language, project, NULL, true);
  char why[DL_LSP_ERROR];
  json_t *result;
  int grace = 0;
  if (!server)
    return false;
  if (dl_lsp_server_is_ready(server, 0) &&
      dl_lsp_call(server, "shutdown", json_null(), SHUTDOWN_MS, &result, why) ==
          DL_LSP_DONE) {
    json_decref(result);
    grace = dl_lsp_notify(server, "exit", json_null()) ? 0 : EXIT_MS;
  }
  dl_lsp_server_end(server, grace);
  dl_lsp_server_unref(server);
  return true;
}
