#ifndef DL_TOOLBOX_SESSION_LINES_H
#define DL_TOOLBOX_SESSION_LINES_H

#include "session.h"

#pragma GCC visibility push(hidden)

/* Takes output; `partial` keeps the line that has not ended. */
void dl_lines_log(dl_command *command, int stream, dl_strbuf *partial,
                  const char *data, size_t len);

/* The end of a stream. */
void dl_lines_end(dl_command *command, int stream, dl_strbuf *partial);

#pragma GCC visibility pop

#endif
