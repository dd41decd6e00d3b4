#ifndef DL_LSP_ASKED_H
#define DL_LSP_ASKED_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

void dl_lsp_asked_note(const char *language, const char *project);
bool dl_lsp_asked_before(const char *language, const char *project);

#pragma GCC visibility pop

#endif
