#ifndef DL_LSP_FRAMES_H
#define DL_LSP_FRAMES_H

#include "strbuf.h"

/* Messages of the language server protocol as they come: a head of lines, one
 * of which tells the length, an empty line, and so many bytes. */

#define DL_LSP_MESSAGE ((size_t)8 << 20) /* bytes of one, the most */

/* Zero-initialise it. */
typedef struct dl_lsp_frames {
  dl_strbuf bytes; /* what came and was not given yet */
  size_t given;    /* of these, from the start */
} dl_lsp_frames;

#pragma GCC visibility push(hidden)

int dl_lsp_frames_add(dl_lsp_frames *frames, const char *data, size_t len);
int dl_lsp_frames_next(dl_lsp_frames *frames, const char **message,
                       size_t *len);
void dl_lsp_frames_free(dl_lsp_frames *frames);

#pragma GCC visibility pop

#endif
