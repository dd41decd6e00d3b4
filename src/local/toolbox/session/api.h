#ifndef DL_TOOLBOX_SESSION_API_H
#define DL_TOOLBOX_SESSION_API_H

#include "session.h"

#pragma GCC visibility push(hidden)

/* api.c */
bool dl_session_is_entrypoint(const dl_http_request *req);
dl_session *dl_session_of(dl_http_request *req);
dl_command *dl_session_command_of(dl_http_request *req);
void dl_session_post(dl_http_request *req);
void dl_session_list(dl_http_request *req);
void dl_session_get(dl_http_request *req);
void dl_session_delete(dl_http_request *req);
void dl_session_command_get(dl_http_request *req);
void dl_session_input_post(dl_http_request *req);

/* exec.c, follow.c */
void dl_session_exec_post(dl_http_request *req);
void dl_session_logs_get(dl_http_request *req);

/* entrypoint.c */
int dl_session_start_entrypoint(dl_toolbox *toolbox);

#pragma GCC visibility pop

#endif
