#ifndef DL_LSP_PROGRAM_H
#define DL_LSP_PROGRAM_H

#include "lsp.h"

/* Which program is the language server of a language. */
typedef struct dl_lsp_program {
  const char *language;
  const char *title;
  const char *name;
  const char *option; /* NULL: none */
  const char *advice; /* where to get it */
} dl_lsp_program;

#pragma GCC visibility push(hidden)

const dl_lsp_program *dl_lsp_program_of(const char *language);
dl_lsp_server *dl_lsp_program_start(const dl_lsp_program *program, char **env,
                                    int *error);
void dl_lsp_program_lacks(const dl_lsp_program *program, int error,
                          char why[DL_LSP_ERROR]);

#pragma GCC visibility pop

#endif
