#ifndef DL_TOOLBOX_SESSION_LINES_H
#define DL_TOOLBOX_SESSION_LINES_H

#include "session.h"

#pragma GCC visibility push(hidden)

void dl_lines_log(dl_command *command, int stream, dl_strbuf *partial,
                  const char *data, size_t len);
void dl_lines_end(dl_command *command, int stream, dl_strbuf *partial);

#pragma GCC visibility pop

#endif
