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

/* The request's URL as it came, path and query, but for what is no UTF-8. To
 * be freed. */
char *dl_api_url(const dl_http_request *req);

/* The body as a JSON object, new; an absent one is empty. NULL: it was not
 * good and that was replied (in a shape of its own, without path). */
json_t *dl_api_body(dl_http_request *req);

/* The same, kept as the state of the request for dl_http_state. */
json_t *dl_api_keep_body(dl_http_request *req);

/* Whether the body asks for nothing but what the table names. If not, that is
 * replied: what a later client asks for is refused and not left out in silence.
 * An older server does not see it. */
bool dl_api_knows(dl_http_request *req, json_t *body, const dl_field *fields);

/* Replies with the control plane's error envelope. */
void dl_api_fail(dl_http_request *req, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What the original answers to whatever it did not expect. */
void dl_api_broken(dl_http_request *req);

/* Replies 501: `what` cannot be done honestly here. */
void dl_api_unsupported(dl_http_request *req, const char *what);

/* Runs `act` on the sandbox that the path's {id} names by id or name. */
void dl_api_on_sandbox(dl_http_request *req, dl_api_action *act);

/* The same for the calls that know ids only. */
void dl_api_on_sandbox_id(dl_http_request *req, dl_api_action *act);

/* Saves a changed sandbox and replies with it. Locked. */
void dl_api_save(dl_http_request *req, dl_plane *plane, dl_sandbox *sb,
                 unsigned status);

/* Replies with the full sandbox. */
void dl_api_reply(dl_http_request *req, unsigned status, const dl_plane *plane,
                  const dl_sandbox *sb);

/* api_server.c */
dl_http_server *dl_api_start(dl_plane *plane, int listen_fd);

/* api_create.c */
void dl_api_create(dl_http_request *req);

/* api_list.c */
void dl_api_list(dl_http_request *req);

/* GET /sandbox/paginated */
void dl_api_list_pages(dl_http_request *req);

/* api_lifecycle.c */
void dl_api_get(dl_http_request *req);

/* DELETE /sandbox/{id} */
void dl_api_delete(dl_http_request *req);

/* POST /sandbox/{id}/start */
void dl_api_start_sandbox(dl_http_request *req);

/* POST /sandbox/{id}/stop?force= */
void dl_api_stop(dl_http_request *req);

/* POST /sandbox/{id}/archive: the home moves to another directory, which is
 * all the storage there is here. */
void dl_api_archive(dl_http_request *req);

/* POST /sandbox/{id}/recover?skipStart= */
void dl_api_recover(dl_http_request *req);

/* POST /sandbox/{id}/resize */
void dl_api_resize(dl_http_request *req);

/* POST /sandbox/{id}/pause */
void dl_api_pause(dl_http_request *req);

/* api_settings.c */
const char *dl_api_intervals(const dl_sandbox *sb);

/* Whether the body's allow lists are empty. If not, they are refused: as wrong
 * or, there being no firewall here, as unsupported. */
bool dl_api_allow_lists(dl_http_request *req, const json_t *body);

/* PUT /sandbox/{id}/labels: replaces them all. */
void dl_api_labels(dl_http_request *req);

/* POST /sandbox/{id}/public/{value} */
void dl_api_public(dl_http_request *req);

/* POST /sandbox/{id}/autostop/{value} */
void dl_api_auto_stop(dl_http_request *req);

/* POST /sandbox/{id}/autoarchive/{value} */
void dl_api_auto_archive(dl_http_request *req);

/* POST /sandbox/{id}/autodelete/{value}: negative is off. */
void dl_api_auto_delete(dl_http_request *req);

/* POST /sandbox/{id}/autopause/{value} */
void dl_api_auto_pause(dl_http_request *req);

/* POST /sandbox/{id}/ttl/{value}: minutes from now, 0 is off. */
void dl_api_ttl(dl_http_request *req);

/* POST /sandbox/{id}/last-activity, by id only. */
void dl_api_last_activity(dl_http_request *req);

/* POST /sandbox/{id}/network-settings */
void dl_api_network(dl_http_request *req);

/* Replies why secrets are in no sandbox: a placeholder alone would be sent to
 * whoever should get the value. */
void dl_api_no_mounts_of_secrets(dl_http_request *req);

/* PUT /sandbox/{id}/secrets: only none can be set. */
void dl_api_secrets(dl_http_request *req);

/* api_access.c */
bool dl_api_read_port(dl_http_request *req, int *port);

/* GET /sandbox/{id}/ports/{port}/preview-url */
void dl_api_preview_url(dl_http_request *req);

/* GET /sandbox/{id}/toolbox-proxy-url, by id only. */
void dl_api_toolbox_url(dl_http_request *req);

/* GET /sandbox/{id}/build-logs: nothing is ever built, which the log of one of
 * an image says. */
void dl_api_build_logs(dl_http_request *req);

/* GET /sandbox/{id}/build-logs-url */
void dl_api_build_logs_url(dl_http_request *req);

/* SSH access, all of it */
void dl_api_no_ssh(dl_http_request *req);

/* GET /sandbox/{id}/telemetry/... */
void dl_api_no_telemetry(dl_http_request *req);

/* api_signed.c */
void dl_api_signed_preview_url(dl_http_request *req);

/* POST /sandbox/{id}/ports/{port}/signed-preview-url/{token}/expire */
void dl_api_expire_signed(dl_http_request *req);

/* GET /sandbox/{id}/signing-key, by id only */
void dl_api_signing_key(dl_http_request *req);

/* POST /sandbox/{id}/signing-key/rotate, by id only */
void dl_api_rotate_signing_key(dl_http_request *req);

/* api_catalog.c */
void dl_api_config(dl_http_request *req);

/* GET /health, without a key */
void dl_api_health(dl_http_request *req);

/* GET /api-keys/current: the value is masked. */
void dl_api_current_key(dl_http_request *req);

/* GET /regions and /shared-regions */
void dl_api_regions(dl_http_request *req);

/* GET /regions/{id} */
void dl_api_region(dl_http_request *req);

/* GET /object-storage/push-access */
void dl_api_no_storage(dl_http_request *req);

/* socket.io: clients poll instead. */
void dl_api_no_events(dl_http_request *req);

/* api_volumes.c */
void dl_api_volumes(dl_http_request *req);

/* POST /volumes */
void dl_api_volume_create(dl_http_request *req);

/* GET /volumes/{id} */
void dl_api_volume_get(dl_http_request *req);

/* GET /volumes/by-name/{name} */
void dl_api_volume_by_name(dl_http_request *req);

/* DELETE /volumes/{id} */
void dl_api_volume_delete(dl_http_request *req);

/* api_mounts.c */
json_t *dl_api_read_mounts(dl_http_request *req, dl_plane *plane,
                           const json_t *body);

/* Stores the volumes of a sandbox that is to be. 0, or -1. Locked. */
int dl_api_keep_mounts(dl_plane *plane, const char *sandbox_id,
                       const json_t *mounts);

/* api_secrets.c */
void dl_api_secret_create(dl_http_request *req);

/* GET /secret/{id} */
void dl_api_secret_get(dl_http_request *req);

/* PATCH /secret/{id}: what is not given stays. */
void dl_api_secret_update(dl_http_request *req);

/* DELETE /secret/{id} */
void dl_api_secret_delete(dl_http_request *req);

/* GET /secret: all of them, as long as they are not too many. */
void dl_api_secrets_all(dl_http_request *req);

/* GET /secret/paginated */
void dl_api_secrets_page(dl_http_request *req);

/* api_pools.c */
void dl_api_pool_create(dl_http_request *req);

/* PATCH /warm-pools/{id}: another size; 0 lets it run empty. */
void dl_api_pool_update(dl_http_request *req);

/* DELETE /warm-pools/{id}: its sandboxes go with it. */
void dl_api_pool_delete(dl_http_request *req);

/* GET /warm-pools */
void dl_api_pools(dl_http_request *req);

/* api_metrics.c */
void dl_api_metrics(dl_http_request *req);

/* api_snapshots.c */
void dl_api_snapshots(dl_http_request *req);

/* GET /snapshots/{id} */
void dl_api_snapshot_get(dl_http_request *req);

/* DELETE /snapshots/{id} */
void dl_api_snapshot_delete(dl_http_request *req);

/* POST /snapshots/{id}/activate */
void dl_api_snapshot_activate(dl_http_request *req);

/* GET /snapshots/{id}/build-logs and build-logs-url: nothing is ever built. */
void dl_api_snapshot_build_logs(dl_http_request *req);

/* POST /snapshots/{id}/deactivate */
void dl_api_snapshot_deactivate(dl_http_request *req);

/* A snapshot as it is on the wire, new. */
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

/* POST /sandbox/{id}/fork: the files are copied, programs begin anew. */
void dl_api_fork(dl_http_request *req);

/* GET /sandbox/{id}/forks: at most 100, the oldest first. */
void dl_api_forks(dl_http_request *req);

/* GET /sandbox/{id}/ancestors, the root first. */
void dl_api_ancestors(dl_http_request *req);

/* GET /sandbox/{id}/parent */
void dl_api_parent(dl_http_request *req);

/* POST /sandbox/{id}/backup: by now it does nothing on the original either, and
 * the sandbox says that it has no backup. */
void dl_api_backup(dl_http_request *req);

/* Whether the sandbox has forks, so that it cannot be deleted; that is
 * replied. Locked. */
bool dl_api_has_forks(dl_http_request *req, dl_plane *plane,
                      const dl_sandbox *sb);

/* Whether there can be a new snapshot of that name. If not, that is replied.
 * Locked. */
bool dl_api_snapshot_name(dl_http_request *req, dl_plane *plane,
                          const json_t *value);

#pragma GCC visibility pop

#endif
