#ifndef DL_CONTROL_API_H
#define DL_CONTROL_API_H

#include "fields.h"
#include "http/http.h"
#include "plane.h"
#include "view.h"

#define DL_API_BODY_LIMIT ((size_t)100 * 1024)
#define DL_API_MAX_ARCHIVE 43200 /* minutes */

/* What a handler does with the sandbox of its path; locked. It replies. */
typedef void dl_api_action(dl_http_request *req, dl_plane *plane,
                           dl_sandbox *sb);

#pragma GCC visibility push(hidden)

/* api.c */
dl_plane *dl_api_plane(const dl_http_request *req);
char *dl_api_url(const dl_http_request *req);
json_t *dl_api_body(dl_http_request *req);
json_t *dl_api_keep_body(dl_http_request *req);
bool dl_api_knows(dl_http_request *req, json_t *body, const dl_field *fields);
void dl_api_fail(dl_http_request *req, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void dl_api_broken(dl_http_request *req);
void dl_api_unsupported(dl_http_request *req, const char *what);
void dl_api_on_sandbox(dl_http_request *req, dl_api_action *act);
void dl_api_on_sandbox_id(dl_http_request *req, dl_api_action *act);
void dl_api_save(dl_http_request *req, dl_plane *plane, dl_sandbox *sb,
                 unsigned status);
void dl_api_reply(dl_http_request *req, unsigned status, const dl_plane *plane,
                  const dl_sandbox *sb);

/* api_server.c */
dl_http_server *dl_api_start(dl_plane *plane, int listen_fd);

/* api_create.c */
void dl_api_create(dl_http_request *req);

/* api_list.c */
void dl_api_list(dl_http_request *req);
void dl_api_list_pages(dl_http_request *req);

/* api_lifecycle.c */
void dl_api_get(dl_http_request *req);
void dl_api_delete(dl_http_request *req);
void dl_api_start_sandbox(dl_http_request *req);
void dl_api_stop(dl_http_request *req);
void dl_api_archive(dl_http_request *req);
void dl_api_recover(dl_http_request *req);
void dl_api_resize(dl_http_request *req);
void dl_api_pause(dl_http_request *req);

/* api_settings.c */
const char *dl_api_intervals(const dl_sandbox *sb);
bool dl_api_allow_lists(dl_http_request *req, const json_t *body);
void dl_api_labels(dl_http_request *req);
void dl_api_public(dl_http_request *req);
void dl_api_auto_stop(dl_http_request *req);
void dl_api_auto_archive(dl_http_request *req);
void dl_api_auto_delete(dl_http_request *req);
void dl_api_auto_pause(dl_http_request *req);
void dl_api_ttl(dl_http_request *req);
void dl_api_last_activity(dl_http_request *req);
void dl_api_network(dl_http_request *req);
void dl_api_no_mounts_of_secrets(dl_http_request *req);
void dl_api_secrets(dl_http_request *req);

/* api_access.c */
bool dl_api_read_port(dl_http_request *req, int *port);
void dl_api_preview_url(dl_http_request *req);
void dl_api_toolbox_url(dl_http_request *req);
void dl_api_build_logs(dl_http_request *req);
void dl_api_no_ssh(dl_http_request *req);
void dl_api_no_telemetry(dl_http_request *req);

/* api_signed.c */
void dl_api_signed_preview_url(dl_http_request *req);
void dl_api_expire_signed(dl_http_request *req);
void dl_api_signing_key(dl_http_request *req);
void dl_api_rotate_signing_key(dl_http_request *req);

/* api_catalog.c */
void dl_api_config(dl_http_request *req);
void dl_api_health(dl_http_request *req);
void dl_api_current_key(dl_http_request *req);
void dl_api_regions(dl_http_request *req);
void dl_api_region(dl_http_request *req);
void dl_api_no_storage(dl_http_request *req);
void dl_api_no_events(dl_http_request *req);

/* api_volumes.c */
void dl_api_volumes(dl_http_request *req);
void dl_api_volume_create(dl_http_request *req);
void dl_api_volume_get(dl_http_request *req);
void dl_api_volume_by_name(dl_http_request *req);
void dl_api_volume_delete(dl_http_request *req);

/* api_mounts.c */
json_t *dl_api_read_mounts(dl_http_request *req, dl_plane *plane,
                           const json_t *body);
int dl_api_keep_mounts(dl_plane *plane, const char *sandbox_id,
                       const json_t *mounts);

/* api_secrets.c */
void dl_api_secret_create(dl_http_request *req);
void dl_api_secret_get(dl_http_request *req);
void dl_api_secret_update(dl_http_request *req);
void dl_api_secret_delete(dl_http_request *req);
void dl_api_secrets_all(dl_http_request *req);
void dl_api_secrets_page(dl_http_request *req);

/* api_pools.c */
void dl_api_pool_create(dl_http_request *req);
void dl_api_pool_update(dl_http_request *req);
void dl_api_pool_delete(dl_http_request *req);
void dl_api_pools(dl_http_request *req);

/* api_metrics.c */
void dl_api_metrics(dl_http_request *req);

/* api_snapshots.c */
void dl_api_snapshots(dl_http_request *req);
void dl_api_snapshot_get(dl_http_request *req);
void dl_api_snapshot_delete(dl_http_request *req);
void dl_api_snapshot_activate(dl_http_request *req);
void dl_api_snapshot_build_logs(dl_http_request *req);
void dl_api_snapshot_deactivate(dl_http_request *req);
json_t *dl_api_snapshot_view(const dl_plane *plane, const json_t *row);

/* api_images.c */
void dl_api_snapshot_create(dl_http_request *req);

/* Whether a create's buildInfo names an image that can be taken; if not, that
 * was replied. */
bool dl_api_takes_image(dl_http_request *req, const json_t *body);

/* Whether a source is an image's name, which no warm sandbox has. */
bool dl_api_is_image(const json_t *row);

/* The snapshot that the body of a create asks for, which gives the sandbox its
 * sizes: its row, new. NULL: that was replied, or memory is short. Locked. */
json_t *dl_api_read_source(dl_http_request *req, dl_plane *plane,
                           const json_t *body, dl_sandbox *sb);

/* Notes what a sandbox that is to be is made of. 0, or -1. Locked. */
int dl_api_keep_source(dl_plane *plane, dl_sandbox *sb, const json_t *row);

/* api_copies.c */
void dl_api_snapshot(dl_http_request *req);
void dl_api_fork(dl_http_request *req);
void dl_api_forks(dl_http_request *req);
void dl_api_ancestors(dl_http_request *req);
void dl_api_parent(dl_http_request *req);
void dl_api_backup(dl_http_request *req);
bool dl_api_has_forks(dl_http_request *req, dl_plane *plane,
                      const dl_sandbox *sb);
bool dl_api_snapshot_name(dl_http_request *req, dl_plane *plane,
                          const json_t *value);

#pragma GCC visibility pop

#endif
