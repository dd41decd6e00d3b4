#ifndef DL_TOOLBOX_FILES_H
#define DL_TOOLBOX_FILES_H

#include "toolbox/daemon.h"
#include "toolbox/text.h"

#include <sys/stat.h>

#pragma GCC visibility push(hidden)

/* files.c: what the others share */
const char *dl_files_path(dl_http_request *req, const char *name);

/* Answers for a path that cannot be looked at. */
void dl_files_stat_failed(dl_http_request *req, int error, const char *path);

/* Answers for an operation that the system refused. */
void dl_files_action_failed(dl_http_request *req, const char *action,
                            const char *path, int error);

/* info.c */
void dl_files_info(dl_http_request *req);

/* GET /files */
void dl_files_list(dl_http_request *req);

/* change.c, move.c */
void dl_files_folder(dl_http_request *req);

/* DELETE /files */
void dl_files_delete(dl_http_request *req);

/* POST /files/permissions */
void dl_files_permissions(dl_http_request *req);

/* POST /files/move */
void dl_files_move(dl_http_request *req);

/* search.c, replace.c */
void dl_files_find(dl_http_request *req);

/* GET /files/search: files by a pattern for their names. */
void dl_files_search(dl_http_request *req);

/* POST /files/replace */
void dl_files_replace(dl_http_request *req);

/* download.c, bulk_download.c */
void dl_files_download(dl_http_request *req);

/* POST /files/bulk-download */
void dl_files_bulk_download(dl_http_request *req);

/* upload.c, bulk_upload.c */
void dl_files_upload_begin(dl_http_request *req);

/* POST /files/upload-v2, before the body */
void dl_files_upload_v2_begin(dl_http_request *req);

/* A piece of the body of either */
void dl_files_upload_body(dl_http_request *req, const char *data, size_t len);

/* The end of the body of either */
void dl_files_upload_finish(dl_http_request *req);

/* POST /files/bulk-upload, before the body */
void dl_files_bulk_upload_begin(dl_http_request *req);

/* A piece of the body */
void dl_files_bulk_upload_body(dl_http_request *req, const char *data,
                               size_t len);

/* The end of the body */
void dl_files_bulk_upload_finish(dl_http_request *req);

#pragma GCC visibility pop

#endif
