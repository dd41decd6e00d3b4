#ifndef DL_TOOLBOX_SESSION_RENDER_H
#define DL_TOOLBOX_SESSION_RENDER_H

#include "sdk_class.h"
#include "session.h"

#pragma GCC visibility push(hidden)

/* Answers with what the command has written so far, as the client's class
 * wants it. */
void dl_session_render_logs(dl_http_request *req, dl_command *command,
                            dl_sdk_class class);

/* Answers with the result of a command that is done. */
void dl_session_render_result(dl_http_request *req, dl_command *command,
                              dl_sdk_class class);

#pragma GCC visibility pop

#endif
