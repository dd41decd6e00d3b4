#include "program.h"
#include "strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TYPESCRIPT                                                             \
  "TypeScript", "typescript-language-server", "--stdio",                       \
      "npm install -g typescript-language-server typescript gives it"

static const dl_lsp_program programs[] = {
    {"python", "Python", "pylsp", NULL,
     "Debian's package python3-pylsp has it, or pip install python-lsp-server"},
    {"typescript", TYPESCRIPT},
    {"javascript", TYPESCRIPT}};

/* The program for a language, or NULL. */
const dl_lsp_program *dl_lsp_program_of(const char *language) {
  size_t i;
  for (i = 0; i < sizeof programs / sizeof *programs; i++) {
    if (strcmp(programs[i].language, language) == 0)
      return &programs[i];
  }
  return NULL;
}

/* Whether there are servers of that language at all. */
bool dl_lsp_knows(const char *language) {
  return dl_lsp_program_of(language) != NULL;
}

/* Where the PATH of an environment leads for a name: the caller frees it. NULL
 * with errno. */
static char *search(char **env, const char *name) {
  const char *at = "/usr/local/bin:/usr/bin:/bin";
  for (; *env; env++) {
    if (strncmp(*env, "PATH=", 5) == 0)
      at = *env + 5;
  }
  while (*at) {
    size_t n = strcspn(at, ":");
    dl_strbuf path = {0};
    dl_strbuf_add(&path, at, n);
    dl_strbuf_adds(&path, n ? "/" : "./");
    dl_strbuf_adds(&path, name);
    if (path.failed || access(path.data, X_OK) == 0)
      return dl_strbuf_detach(&path);
    dl_strbuf_free(&path);
    at += n + (at[n] == ':');
  }
  errno = ENOENT;
  return NULL;
}

/* Starts it in that environment, which says where it is. As
 * dl_lsp_server_start. */
dl_lsp_server *dl_lsp_program_start(const dl_lsp_program *program, char **env,
                                    int *error) {
  char *path = search(env, program->name);
  const char *const argv[] = {path, program->option, NULL};
  dl_lsp_server *server = NULL;
  *error = errno;
  if (path)
    server = dl_lsp_server_start(argv, env, error);
  free(path);
  return server;
}

/* What there is to say of one that could not be started. */
void dl_lsp_program_lacks(const dl_lsp_program *program, int error,
                          char why[DL_LSP_ERROR]) {
  if (error == ENOENT)
    snprintf(why, DL_LSP_ERROR,
             "failed to create %s LSP server: exec: \"%s\": executable file "
             "not found in $PATH (%s)",
             program->title, program->name, program->advice);
  else
    snprintf(why, DL_LSP_ERROR, "failed to create %s LSP server: %s",
             program->title, strerror(error));
}
