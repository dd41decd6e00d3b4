#include "routes.h"

#include "front/door.h"
#include "api.h"
#include "relay/relay.h"

#define SANDBOX "/api/sandbox/{id}"

#define GET(pattern, handler) ROUTE("GET", pattern, handler)
#define POST(pattern, handler) ROUTE("POST", pattern, handler)
#define PUT(pattern, handler) ROUTE("PUT", pattern, handler)
#define PATCH(pattern, handler) ROUTE("PATCH", pattern, handler)
#define DELETE(pattern, handler) ROUTE("DELETE", pattern, handler)
#define ROUTE(method, pattern, handler)                                        \
  { method, pattern, handler, DL_API_BODY_LIMIT, NULL, NULL }

/* The control plane's routes; the first match wins. */
const dl_http_route dl_routes_control[] = {
    POST("/api/sandbox", dl_api_create),
    GET("/api/sandbox", dl_api_list),
    GET("/api/sandbox/paginated", dl_api_list_pages),
    GET("/api/sandbox/ssh-access/validate", dl_api_no_ssh),
    GET(SANDBOX, dl_api_get),
    DELETE(SANDBOX, dl_api_delete),
    POST(SANDBOX "/start", dl_api_start_sandbox),
    POST(SANDBOX "/stop", dl_api_stop),
    POST(SANDBOX "/archive", dl_api_archive),
    POST(SANDBOX "/recover", dl_api_recover),
    POST(SANDBOX "/resize", dl_api_resize),
    POST(SANDBOX "/pause", dl_api_pause),
    POST(SANDBOX "/fork", dl_api_fork),
    GET(SANDBOX "/forks", dl_api_forks),
    GET(SANDBOX "/ancestors", dl_api_ancestors),
    GET(SANDBOX "/parent", dl_api_parent),
    POST(SANDBOX "/snapshot", dl_api_snapshot),
    POST(SANDBOX "/backup", dl_api_backup),
    PUT(SANDBOX "/labels", dl_api_labels),
    PUT(SANDBOX "/secrets", dl_api_secrets),
    POST(SANDBOX "/public/{value}", dl_api_public),
    POST(SANDBOX "/autostop/{value}", dl_api_auto_stop),
    POST(SANDBOX "/autoarchive/{value}", dl_api_auto_archive),
    POST(SANDBOX "/autodelete/{value}", dl_api_auto_delete),
    POST(SANDBOX "/autopause/{value}", dl_api_auto_pause),
    POST(SANDBOX "/ttl/{value}", dl_api_ttl),
    POST(SANDBOX "/last-activity", dl_api_last_activity),
    POST(SANDBOX "/network-settings", dl_api_network),
    GET(SANDBOX "/ports/{port}/preview-url", dl_api_preview_url),
    GET(SANDBOX "/ports/{port}/signed-preview-url", dl_api_signed_preview_url),
    POST(SANDBOX "/ports/{port}/signed-preview-url/{token}/expire",
         dl_api_expire_signed),
    GET(SANDBOX "/toolbox-proxy-url", dl_api_toolbox_url),
    GET(SANDBOX "/build-logs", dl_api_build_logs),
    GET(SANDBOX "/build-logs-url", dl_api_build_logs_url),
    GET(SANDBOX "/signing-key", dl_api_signing_key),
    POST(SANDBOX "/signing-key/rotate", dl_api_rotate_signing_key),
    POST(SANDBOX "/ssh-access", dl_api_no_ssh),
    DELETE(SANDBOX "/ssh-access", dl_api_no_ssh),
    GET(SANDBOX "/telemetry/metrics", dl_api_metrics),
    GET(SANDBOX "/telemetry/*", dl_api_no_telemetry),
    GET("/api/config", dl_api_config),
    GET("/api/health", dl_api_health),
    GET("/api/api-keys/current", dl_api_current_key),
    GET("/api/regions", dl_api_regions),
    GET("/api/regions/{id}", dl_api_region),
    GET("/api/shared-regions", dl_api_regions),
    GET("/api/snapshots", dl_api_snapshots),
    POST("/api/snapshots", dl_api_snapshot_create),
    GET("/api/snapshots/{id}", dl_api_snapshot_get),
    DELETE("/api/snapshots/{id}", dl_api_snapshot_delete),
    POST("/api/snapshots/{id}/activate", dl_api_snapshot_activate),
    POST("/api/snapshots/{id}/deactivate", dl_api_snapshot_deactivate),
    GET("/api/snapshots/{id}/build-logs", dl_api_snapshot_build_logs),
    GET("/api/snapshots/{id}/build-logs-url", dl_api_snapshot_build_logs),
    GET("/api/volumes", dl_api_volumes),
    POST("/api/volumes", dl_api_volume_create),
    GET("/api/volumes/by-name/{name}", dl_api_volume_by_name),
    GET("/api/volumes/{id}", dl_api_volume_get),
    DELETE("/api/volumes/{id}", dl_api_volume_delete),
    GET("/api/object-storage/push-access", dl_api_no_storage),
    GET("/api/secret", dl_api_secrets_all),
    POST("/api/secret", dl_api_secret_create),
    GET("/api/secret/paginated", dl_api_secrets_page),
    GET("/api/secret/{id}", dl_api_secret_get),
    PATCH("/api/secret/{id}", dl_api_secret_update),
    DELETE("/api/secret/{id}", dl_api_secret_delete),
    GET("/api/warm-pools", dl_api_pools),
    POST("/api/warm-pools", dl_api_pool_create),
    PATCH("/api/warm-pools/{id}", dl_api_pool_update),
    DELETE("/api/warm-pools/{id}", dl_api_pool_delete),
    ROUTE("*", "/api/socket.io/*", dl_api_no_events),
    {"*", "/toolbox/{id}/*", dl_relay_finish, 0, dl_door_begin, dl_relay_body},
    {NULL, NULL, NULL, 0, NULL, NULL}};
