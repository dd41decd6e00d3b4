#ifndef DL_TOOLBOX_FILES_H
#define DL_TOOLBOX_FILES_H

#include "toolbox/daemon.h"
#include "toolbox/text.h"

#include <sys/stat.h>

#pragma GCC visibility push(hidden)

/* files.c: what the others share */
const char *dl_files_path(dl_http_request *req, const char *name);
void dl_files_stat_failed(dl_http_request *req, int error, const char *path);
void dl_files_action_failed(dl_http_request *req, const char *action,
                            const char *path, int error);

/* info.c */
void dl_files_info(dl_http_request *req);
void dl_files_list(dl_http_request *req);

/* change.c, move.c */
void dl_files_folder(dl_http_request *req);
void dl_files_delete(dl_http_request *req);
void dl_files_permissions(dl_http_request *req);
void dl_files_move(dl_http_request *req);

/* search.c, replace.c */
void dl_files_find(dl_http_request *req);
void dl_files_search(dl_http_request *req);
void dl_files_replace(dl_http_request *req);

/* download.c, bulk_download.c */
void dl_files_download(dl_http_request *req);
void dl_files_bulk_download(dl_http_request *req);

/* upload.c, bulk_upload.c */
void dl_files_upload_begin(dl_http_request *req);
void dl_files_upload_v2_begin(dl_http_request *req);
void dl_files_upload_body(dl_http_request *req, const char *data, size_t len);
void dl_files_upload_finish(dl_http_request *req);
void dl_files_bulk_upload_begin(dl_http_request *req);
void dl_files_bulk_upload_body(dl_http_request *req, const char *data,
                               size_t len);
void dl_files_bulk_upload_finish(dl_http_request *req);

#pragma GCC visibility pop

#endif
