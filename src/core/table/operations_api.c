/* The rows of the control plane. */
#include "parts.h"

/* clang-format off */

#define ID SANDBOX_ID("sandboxIdOrName")
#define MINUTES(lua, camel, text) {.name = lua, .wire = camel, \
  .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 0, .max = 2147483647, .doc = text}
/* Older servers answer some changes with an empty body. */
#define SANDBOX_OR_NOTHING {.name = "sandbox", .type = DT_HANDLE, .flags = DT_NULLABLE, .with.shape = &dt_shape_sandbox}

const char *const dt_languages[] = {"python", "javascript", "typescript", NULL};
static const char *const delete_or_keep[] = {"delete", "keep", NULL};

const dt_field dt_operations_common[] = {
  {.name = "timeout", .type = DT_NUMBER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 1e9,
   .doc = "deadline of the whole call in seconds, retries included; 0: none"},
  {.name = "max_retries", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 100,
   .doc = "how often a failed attempt may be repeated where that is safe"},
  END
};

static const dt_field volume_fields[] = {
  {.name = "volume_id", .wire = "volumeId", .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id or name of the volume"},
  {.name = "mount_path", .wire = "mountPath", .flags = DT_REQUIRED | DT_NONBLANK, .doc = "absolute path in the sandbox"},
  {.name = "subpath", .doc = "part of the volume to mount"},
  END
};
static const dt_shape volume_shape = {"volume_mount", volume_fields};

static const dt_field build_fields[] = {
  {.name = "dockerfile_content", .wire = "dockerfileContent", .flags = DT_REQUIRED, .doc = "Dockerfile the sandbox was built from"},
  {.name = "context_hashes", .wire = "contextHashes", .many = DT_LIST, .doc = "hashes of the build contexts"},
  END
};
static const dt_shape build_shape = {"build_info", build_fields};

static const dt_field sandbox_fields[] = {
  {.name = "id", .flags = DT_ID, .doc = "unique id"},
  {.name = "organization_id", .wire = "organizationId", .doc = "organization that owns it"},
  {.name = "name", .doc = "name, the id if none was given"},
  {.name = "target", .doc = "region"},
  {.name = "snapshot", .flags = DT_NULLABLE, .doc = "snapshot it was made from"},
  {.name = "user", .doc = "user inside the sandbox"},
  {.name = "env", .many = DT_MAP, .doc = "environment variables"},
  {.name = "cpu", .type = DT_NUMBER, .doc = "cores"},
  {.name = "gpu", .type = DT_NUMBER, .doc = "GPUs"},
  {.name = "memory", .type = DT_NUMBER, .doc = "GiB"},
  {.name = "disk", .type = DT_NUMBER, .doc = "GiB"},
  {.name = "public", .type = DT_BOOLEAN, .doc = "is the HTTP preview public"},
  {.name = "network_block_all", .wire = "networkBlockAll", .type = DT_BOOLEAN, .doc = "no network at all"},
  {.name = "labels", .many = DT_MAP, .doc = "labels"},
  {.name = "volumes", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &volume_shape, .doc = "mounted volumes"},
  {.name = "state", .doc = "creating, started, stopping, stopped, starting, destroying, destroyed, archived, error, ..."},
  {.name = "desired_state", .wire = "desiredState", .doc = "state it is on its way to"},
  {.name = "error_reason", .wire = "errorReason", .flags = DT_NULLABLE, .doc = "why it is in an error state"},
  {.name = "recoverable", .type = DT_BOOLEAN, .doc = "can recover be tried"},
  {.name = "auto_stop_interval", .wire = "autoStopInterval", .type = DT_INTEGER, .doc = "minutes, 0: off"},
  {.name = "auto_archive_interval", .wire = "autoArchiveInterval", .type = DT_INTEGER, .doc = "minutes, 0: the maximum"},
  {.name = "auto_delete_interval", .wire = "autoDeleteInterval", .type = DT_INTEGER, .doc = "minutes after stop, negative: off, 0: at stop"},
  {.name = "auto_pause_interval", .wire = "autoPauseInterval", .type = DT_INTEGER, .doc = "minutes, 0: off"},
  {.name = "build_info", .wire = "buildInfo", .type = DT_OBJECT, .with.shape = &build_shape, .doc = "declarative build"},
  {.name = "created_at", .wire = "createdAt", .doc = "ISO 8601"},
  {.name = "updated_at", .wire = "updatedAt", .doc = "ISO 8601"},
  {.name = "last_activity_at", .wire = "lastActivityAt", .doc = "ISO 8601"},
  {.name = "kvm", .type = DT_BOOLEAN, .doc = "is there a /dev/kvm inside"},
  {.name = "queue_timeout", .wire = "queueTimeout", .type = DT_INTEGER, .flags = DT_NULLABLE, .doc = "minutes that it waits for a runner, nil: any time"},
  {.name = "queue_timed_out_at", .wire = "queueTimedOutAt", .flags = DT_NULLABLE, .doc = "when it was destroyed because it had no runner for so long, ISO 8601"},
  {.name = "toolbox_proxy_url", .wire = "toolboxProxyUrl", .doc = "base URL of its toolbox"},
  END
};
const dt_shape dt_shape_sandbox = {"sandbox", sandbox_fields};

static const dt_field page_fields[] = {
  {.name = "items", .type = DT_HANDLE, .many = DT_LIST, .flags = DT_SAID, .with.shape = &dt_shape_sandbox, .doc = "sandboxes of this page"},
  {.name = "next_cursor", .wire = "nextCursor", .flags = DT_NULLABLE, .doc = "cursor of the next page, nil at the end"},
  END
};
static const dt_shape page_shape = {"sandbox_page", page_fields};

static const dt_field url_fields[] = {{.name = "url", .flags = DT_SAID, .doc = "base URL"}, END};
static const dt_shape url_shape = {"url", url_fields};

static const dt_field preview_fields[] = {
  {.name = "sandbox_id", .wire = "sandboxId", .doc = "id of the sandbox"},
  {.name = "url", .flags = DT_SAID | DT_URL, .doc = "URL of the port"},
  {.name = "token", .doc = "goes into the header x-daytona-preview-token"},
  END
};
static const dt_shape preview_shape = {"preview_link", preview_fields};

static const dt_field signed_preview_fields[] = {
  {.name = "sandbox_id", .wire = "sandboxId", .doc = "id of the sandbox"},
  {.name = "port", .type = DT_INTEGER, .doc = "port in the sandbox"},
  {.name = "url", .flags = DT_SAID | DT_URL, .doc = "URL of the port, which needs no credential"},
  {.name = "token", .doc = "names the URL to expire_signed_preview_url"},
  END
};
static const dt_shape signed_preview_shape = {"signed_preview_url", signed_preview_fields};

static const dt_shape config_shape = {"config", NULL};

static const dt_field label_fields[] = {{.name = "labels", .many = DT_MAP, .doc = "all labels"}, END};
static const dt_shape label_shape = {"labels", label_fields};

static const dt_field create_params[] = {
  {.name = "name", .flags = DT_NEW_NAME, .doc = "name; default the sandbox's id"},
  {.name = "language", .place = DT_CALL, .with.values = dt_languages, .doc = "python (default), javascript or typescript"},
  {.name = "snapshot", .doc = "id or name of a snapshot; default the server's"},
  {.name = "user", .doc = "user inside the sandbox"},
  {.name = "env", .many = DT_MAP, .flags = DT_SECRET, .doc = "environment variables"},
  {.name = "labels", .many = DT_MAP, .doc = "labels"},
  {.name = "public", .type = DT_BOOLEAN, .doc = "is the HTTP preview public"},
  {.name = "target", .doc = "region; default that of the client"},
  {.name = "cpu", .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 0, .max = 1024, .doc = "cores"},
  {.name = "gpu", .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 0, .max = 64, .doc = "GPUs"},
  {.name = "gpu_type", .wire = "gpuType", .many = DT_LIST, .doc = "kinds of GPU, best first"},
  {.name = "memory", .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 0, .max = 65536, .doc = "GiB"},
  {.name = "disk", .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 0, .max = 65536, .doc = "GiB"},
  MINUTES("auto_stop_interval", "autoStopInterval", "minutes of inactivity until it stops, 0: never"),
  MINUTES("auto_pause_interval", "autoPauseInterval", "minutes of inactivity until it pauses, 0: never"),
  MINUTES("auto_archive_interval", "autoArchiveInterval", "minutes stopped until it is archived, 0: the maximum"),
  {.name = "auto_delete_interval", .wire = "autoDeleteInterval", .type = DT_INTEGER, .flags = DT_BOUNDED,
   .min = -2147483648.0, .max = 2147483647, .doc = "minutes stopped until it is deleted, negative: never, 0: at once on stop"},
  MINUTES("ttl_minutes", "ttlMinutes", "minutes since creation until it is destroyed, 0: off"),
  {.name = "ephemeral", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "delete it when it stops (auto_delete_interval = 0)"},
  {.name = "volumes", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &volume_shape, .doc = "volumes to mount"},
  {.name = "secrets", .many = DT_MAP, .flags = DT_PAIRS, .doc = "environment variable -> name of a secret"},
  {.name = "network_block_all", .wire = "networkBlockAll", .type = DT_BOOLEAN, .doc = "no network at all"},
  {.name = "network_allow_list", .wire = "networkAllowList", .doc = "comma-separated CIDRs"},
  {.name = "domain_allow_list", .wire = "domainAllowList", .doc = "comma-separated domains"},
  {.name = "outbound_proxy_url", .wire = "outboundProxyUrl", .flags = DT_SECRET_IN_URL, .doc = "proxy for outbound traffic"},
  {.name = "otel_endpoint_override", .wire = "otelEndpointOverride", .flags = DT_SECRET_IN_URL, .doc = "OpenTelemetry endpoint"},
  {.name = "spot", .type = DT_BOOLEAN, .doc = "may be evicted (GPU only)"},
  {.name = "kvm", .type = DT_BOOLEAN, .doc = "with /dev/kvm inside (snapshots of virtual machines only)"},
  {.name = "queue_timeout", .wire = "queueTimeout", .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 1, .max = 2147483647,
   .doc = "minutes without a runner until it is destroyed; default that of the organization"},
  {.name = "image", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "image of a registry, like debian:12, instead of a snapshot"},
  {.name = "dockerfile", .place = DT_CALL, .flags = DT_NONBLANK, .doc = "text of a Dockerfile to build instead of a snapshot"},
  {.name = "build_info", .wire = "buildInfo", .type = DT_OBJECT, .with.shape = &build_shape, .doc = "declarative build instead of a snapshot"},
  {.name = "on_build_log", .type = DT_FUNCTION, .place = DT_CALL, .doc = "function called with what the build prints, as it comes: bytes"},
  {.name = "linked_sandbox", .wire = "linkedSandbox", .doc = "sandbox whose runner it shares"},
  {.name = "on_timeout", .place = DT_CALL, .with.values = delete_or_keep, .doc = "delete: what is not started in time is deleted; keep: what was made stays in any case; default: it stays when it is late, and is deleted when the call is cancelled or an error is raised in it"},
  {.name = "delete_on_close", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "delete it at the end of its <close> variable (Lua 5.4)"},
  WAIT, END
};

static const dt_field list_params[] = {
  {.name = "cursor", .place = DT_QUERY, .doc = "from an earlier page"},
  {.name = "limit", .type = DT_INTEGER, .place = DT_QUERY, .flags = DT_BOUNDED, .min = 1, .max = 200, .doc = "page size, default 100"},
  {.name = "id", .place = DT_QUERY, .doc = "prefix of the id"},
  {.name = "name", .place = DT_QUERY, .doc = "prefix of the name, any case"},
  {.name = "labels", .many = DT_MAP, .place = DT_QUERY, .doc = "labels that must all be there"},
  {.name = "include_errored_deleted", .wire = "includeErroredDeleted", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "also those whose deletion failed"},
  {.name = "states", .many = DT_LIST, .place = DT_QUERY, .doc = "any of these states"},
  {.name = "snapshots", .many = DT_LIST, .place = DT_QUERY, .doc = "any of these snapshots"},
  {.name = "targets", .wire = "regionIds", .many = DT_LIST, .place = DT_QUERY, .doc = "any of these regions"},
  {.name = "sandbox_classes", .wire = "sandboxClasses", .many = DT_LIST, .place = DT_QUERY, .doc = "any of these classes"},
  {.name = "min_cpu", .wire = "minCpu", NATURAL, .place = DT_QUERY, .doc = "cores"},
  {.name = "max_cpu", .wire = "maxCpu", NATURAL, .place = DT_QUERY, .doc = "cores"},
  {.name = "min_gpu", .wire = "minGpu", NATURAL, .place = DT_QUERY, .doc = "GPUs"},
  {.name = "max_gpu", .wire = "maxGpu", NATURAL, .place = DT_QUERY, .doc = "GPUs"},
  {.name = "min_memory_gib", .wire = "minMemoryGiB", NATURAL, .place = DT_QUERY, .doc = "GiB"},
  {.name = "max_memory_gib", .wire = "maxMemoryGiB", NATURAL, .place = DT_QUERY, .doc = "GiB"},
  {.name = "min_disk_gib", .wire = "minDiskGiB", NATURAL, .place = DT_QUERY, .doc = "GiB"},
  {.name = "max_disk_gib", .wire = "maxDiskGiB", NATURAL, .place = DT_QUERY, .doc = "GiB"},
  {.name = "is_public", .wire = "isPublic", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "preview is public"},
  {.name = "is_recoverable", .wire = "isRecoverable", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "recoverable error"},
  {.name = "include_warm", .wire = "includeWarm", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "also members of warm pools"},
  {.name = "created_at_after", .wire = "createdAtAfter", .place = DT_QUERY, .doc = "ISO 8601"},
  {.name = "created_at_before", .wire = "createdAtBefore", .place = DT_QUERY, .doc = "ISO 8601"},
  {.name = "last_activity_after", .wire = "lastEventAfter", .place = DT_QUERY, .doc = "ISO 8601"},
  {.name = "last_activity_before", .wire = "lastEventBefore", .place = DT_QUERY, .doc = "ISO 8601"},
  {.name = "auto_destroy_at_after", .wire = "autoDestroyAtAfter", .place = DT_QUERY, .doc = "ISO 8601"},
  {.name = "auto_destroy_at_before", .wire = "autoDestroyAtBefore", .place = DT_QUERY, .doc = "ISO 8601"},
  {.name = "sort", .place = DT_QUERY, .doc = "name, cpu, memoryGib, diskGib, lastActivityAt (default) or createdAt"},
  {.name = "order", .place = DT_QUERY, .doc = "desc (default) or asc"},
  END
};

static const dt_field get_params[] = {
  ID, {.name = "verbose", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "more detail"}, END
};
static const dt_field id_params[] = {ID, END};
static const dt_field id_wait_params[] = {ID, WAIT, END};
static const dt_field stop_params[] = {
  ID, {.name = "force", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "kill instead of asking processes to end"}, WAIT, END
};
static const dt_field recover_params[] = {
  ID, {.name = "skip_start", .wire = "skipStart", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "leave it stopped"}, WAIT, END
};
static const dt_field labels_params[] = {
  ID, {.name = "labels", .many = DT_MAP, .flags = DT_REQUIRED, .doc = "all labels; others are removed"}, END
};
#define INTERVAL {.name = "interval", .type = DT_INTEGER, .place = DT_PATH, \
  .flags = DT_REQUIRED | DT_BOUNDED, .min = 0, .max = 2147483647, .doc = "minutes"}
static const dt_field interval_params[] = {ID, INTERVAL, END};
static const dt_field delete_interval_params[] = {
  ID, {.name = "interval", .type = DT_INTEGER, .place = DT_PATH, .flags = DT_REQUIRED | DT_BOUNDED,
  .min = -2147483648.0, .max = 2147483647, .doc = "minutes after stop, negative: never, 0: at once"}, END
};
static const dt_field public_params[] = {
  ID, {.name = "public", .wire = "isPublic", .type = DT_BOOLEAN, .place = DT_PATH, .flags = DT_REQUIRED, .doc = "is the HTTP preview public"}, END
};
#define PORT {.name = "port", .type = DT_INTEGER, .place = DT_PATH, \
  .flags = DT_REQUIRED | DT_BOUNDED, .min = 1, .max = 65535, .doc = "port in the sandbox"}
static const dt_field preview_params[] = {ID, PORT, END};
static const dt_field signed_preview_params[] = {
  ID, PORT, {.name = "expires_in_seconds", .wire = "expiresInSeconds", .type = DT_INTEGER, .place = DT_QUERY,
  .flags = DT_BOUNDED, .min = 1, .max = 86400, .doc = "how long the URL is good, default 60"}, END
};
static const dt_field expire_params[] = {
  ID, PORT, {.name = "token", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK | DT_SECRET, .doc = "what create_signed_preview_url gave"}, END
};
static const dt_field activity_params[] = {
  {.name = "sandbox_id", .wire = "sandboxId", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the sandbox"}, END
};
static const dt_field ttl_params[] = {
  ID, {.name = "ttl_minutes", .wire = "ttlMinutes", .type = DT_INTEGER, .place = DT_PATH, .flags = DT_REQUIRED | DT_BOUNDED,
  .min = 0, .max = 2147483647, .doc = "minutes from now, 0: never"}, END
};
static const dt_field network_params[] = {
  ID, {.name = "network_block_all", .wire = "networkBlockAll", .type = DT_BOOLEAN, .doc = "no network at all"},
  {.name = "network_allow_list", .wire = "networkAllowList", .doc = "comma-separated CIDRs"},
  {.name = "domain_allow_list", .wire = "domainAllowList", .doc = "comma-separated domains"}, END
};
static const dt_field secrets_params[] = {
  ID, {.name = "secrets", .many = DT_MAP, .flags = DT_REQUIRED | DT_PAIRS, .doc = "environment variable -> name of a secret; others are taken away"}, END
};
#define LEAST(of, what) {.name = of, .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 1, .max = 1048576, .doc = what}
static const dt_field resize_params[] = {ID, LEAST("cpu", "cores"), LEAST("memory", "GiB"), LEAST("disk", "GiB"), WAIT, END};
static const dt_field fork_params[] = {ID, {.name = "name", .flags = DT_NEW_NAME, .doc = "name of the new sandbox; default its id"}, WAIT, END};
static const dt_field forks_params[] = {
  ID, {.name = "include_destroyed", .wire = "includeDestroyed", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "also those that are gone"}, END
};
static const dt_field snapshot_params[] = {
  ID, TEXT("name", DT_NONBLANK | DT_NEW_NAME, "name of the new snapshot"),
  {.name = "include_memory", .wire = "includeMemory", .type = DT_BOOLEAN, .doc = "also what is in memory"}, WAIT, END
};

static const dt_field ssh_fields[] = {
  {.name = "id", .doc = "unique id"}, {.name = "sandbox_id", .wire = "sandboxId", .doc = "id of the sandbox"},
  {.name = "token", .flags = DT_SAID, .doc = "names it, and is the user of SSH"},
  {.name = "ssh_command", .wire = "sshCommand", .doc = "command that connects"},
  {.name = "expires_at", .wire = "expiresAt", .doc = "ISO 8601"},
  {.name = "created_at", .wire = "createdAt", .doc = "ISO 8601"}, {.name = "updated_at", .wire = "updatedAt", .doc = "ISO 8601"}, END
};
static const dt_shape ssh_shape = {"ssh_access", ssh_fields};
static const dt_field ssh_params[] = {
  ID, {.name = "expires_in_minutes", .wire = "expiresInMinutes", .type = DT_INTEGER, .place = DT_QUERY,
  .flags = DT_BOUNDED, .min = 1, .max = 2147483647, .doc = "how long it is good, default 60"}, END
};
#define TOKEN {.name = "token", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK | DT_SECRET, .doc = "what create_ssh_access gave"}
static const dt_field revoke_params[] = {ID, TOKEN, END};
static const dt_field validate_params[] = {TOKEN, END};
static const dt_field valid_fields[] = {
  {.name = "valid", .type = DT_BOOLEAN, .flags = DT_SAID, .doc = "is it good"},
  {.name = "sandbox_id", .wire = "sandboxId", .doc = "id of the sandbox"}, END
};
static const dt_shape valid_shape = {"ssh_validation", valid_fields};

static const dt_field point_fields[] = {
  {.name = "timestamp", .doc = "ISO 8601"}, {.name = "value", .type = DT_NUMBER, .doc = "value then"}, END
};
static const dt_shape point_shape = {"metric_point", point_fields};
static const dt_field series_fields[] = {
  {.name = "metric_name", .wire = "metricName", .doc = "like daytona.sandbox.cpu.utilization"},
  {.name = "data_points", .wire = "dataPoints", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &point_shape, .doc = "in order of time"}, END
};
static const dt_shape series_shape = {"metric_series", series_fields};
static const dt_field telemetry_fields[] = {
  {.name = "series", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &series_shape, .doc = "one for each metric"}, END
};
static const dt_shape telemetry_shape = {"metrics_history", telemetry_fields};
#define BETWEEN \
  SANDBOX_ID("sandboxId"), {.name = "from", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "ISO 8601"}, \
  {.name = "to", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "ISO 8601"}
static const dt_field metrics_params[] = {
  BETWEEN, {.name = "metric_names", .wire = "metricNames", .many = DT_LIST, .place = DT_QUERY, .doc = "only these; default all"}, END
};

static const dt_field file_url_params[] = {
  {.name = "path", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path in the sandbox"},
  {.name = "expires_in_seconds", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 2147483647,
   .doc = "how long the URL is good, default 3600; 0: until the signing key is rotated"}, END
};

const dt_operation dt_operations_api[] = {
  {.name = "sandbox.create", .method = "POST", .path = "/sandbox", .flags = DT_BY_HAND, .params = create_params, .result = SANDBOX,
   .doc = "Creates a sandbox."},
  {.name = "sandbox.list", .method = "GET", .path = "/sandbox", .params = list_params, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .result = {.name = "page", .type = DT_OBJECT, .with.shape = &page_shape},
   .doc = "One page of the organization's sandboxes."},
  {.name = "sandbox.get", .method = "GET", .path = "/sandbox/{sandbox_id}", .params = get_params, .flags = DT_BY_HAND | DT_IDEMPOTENT, .result = SANDBOX,
   .doc = "Reads a sandbox."},
  {.name = "sandbox.start", .method = "POST", .path = "/sandbox/{sandbox_id}/start", .params = id_wait_params, .result = SANDBOX_OR_NOTHING, .goal = "started",
   .doc = "Starts a stopped or archived sandbox."},
  {.name = "sandbox.stop", .method = "POST", .path = "/sandbox/{sandbox_id}/stop", .params = stop_params, .result = SANDBOX_OR_NOTHING, .goal = "stopped",
   .doc = "Stops a sandbox; its files stay."},
  {.name = "sandbox.delete", .method = "DELETE", .path = "/sandbox/{sandbox_id}", .flags = DT_BY_HAND, .params = id_wait_params, .result = SANDBOX_OR_NOTHING,
   .doc = "Deletes a sandbox with its files."},
  {.name = "sandbox.archive", .method = "POST", .path = "/sandbox/{sandbox_id}/archive", .params = id_params, .result = SANDBOX_OR_NOTHING,
   .doc = "Moves a stopped sandbox to cheaper storage."},
  {.name = "sandbox.recover", .method = "POST", .path = "/sandbox/{sandbox_id}/recover", .flags = DT_BY_HAND, .params = recover_params, .result = SANDBOX_OR_NOTHING,
   .doc = "Recovers a sandbox from a recoverable error."},
  {.name = "sandbox.set_labels", .method = "PUT", .path = "/sandbox/{sandbox_id}/labels", .params = labels_params, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .result = {.name = "labels", .type = DT_OBJECT, .with.shape = &label_shape},
   .doc = "Replaces the labels."},
  {.name = "sandbox.set_public", .method = "POST", .path = "/sandbox/{sandbox_id}/public/{public}", .params = public_params, .flags = DT_IDEMPOTENT, .result = SANDBOX,
   .doc = "Makes the HTTP preview public or private."},
  {.name = "sandbox.set_auto_stop_interval", .method = "POST", .path = "/sandbox/{sandbox_id}/autostop/{interval}", .params = interval_params, .flags = DT_IDEMPOTENT, .result = SANDBOX,
   .doc = "Sets the minutes of inactivity after which the sandbox stops, 0: never."},
  {.name = "sandbox.set_auto_archive_interval", .method = "POST", .path = "/sandbox/{sandbox_id}/autoarchive/{interval}", .params = interval_params, .flags = DT_IDEMPOTENT, .result = SANDBOX,
   .doc = "Sets the minutes after which a stopped sandbox is archived, 0: the maximum."},
  {.name = "sandbox.set_auto_delete_interval", .method = "POST", .path = "/sandbox/{sandbox_id}/autodelete/{interval}", .params = delete_interval_params, .flags = DT_IDEMPOTENT, .result = SANDBOX,
   .doc = "Sets the minutes after which a stopped sandbox is deleted."},
  {.name = "sandbox.refresh_activity", .method = "POST", .path = "/sandbox/{sandbox_id}/last-activity", .params = activity_params, .flags = DT_IDEMPOTENT,
   .doc = "Counts as activity for the auto-stop timer."},
  {.name = "sandbox.get_preview_link", .method = "GET", .path = "/sandbox/{sandbox_id}/ports/{port}/preview-url", .params = preview_params, .flags = DT_IDEMPOTENT,
   .result = {.name = "link", .type = DT_OBJECT, .with.shape = &preview_shape},
   .doc = "URL and token of an HTTP port of the sandbox."},
  {.name = "sandbox.create_signed_preview_url", .method = "GET", .path = "/sandbox/{sandbox_id}/ports/{port}/signed-preview-url", .params = signed_preview_params, .flags = DT_IDEMPOTENT,
   .result = {.name = "link", .type = DT_OBJECT, .with.shape = &signed_preview_shape},
   .doc = "A URL of an HTTP port of the sandbox that needs no credential, for a while."},
  {.name = "sandbox.expire_signed_preview_url", .method = "POST", .path = "/sandbox/{sandbox_id}/ports/{port}/signed-preview-url/{token}/expire", .params = expire_params, .flags = DT_IDEMPOTENT,
   .doc = "Makes a signed preview URL void."},
  {.name = "sandbox.get_signing_key", .method = "GET", .path = "/sandbox/{sandbox_id}/signing-key", .params = activity_params, .flags = DT_BY_HAND | DT_IDEMPOTENT, .since = "0.205.0",
   .result = {.name = "key", .flags = DT_SAID},
   .doc = "Reads the key by which file URLs are signed."},
  {.name = "sandbox.rotate_signing_key", .method = "POST", .path = "/sandbox/{sandbox_id}/signing-key/rotate", .params = activity_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .doc = "Makes every file URL that was signed void."},
  {.name = "sandbox.download_url", .method = "", .path = "", .params = file_url_params, .flags = DT_READS,
   .doc = "A URL that reads one file and needs no credential."},
  {.name = "sandbox.upload_url", .method = "", .path = "", .params = file_url_params, .flags = DT_READS,
   .doc = "A URL that writes one file and needs no credential."},
  {.name = "sandbox.get_toolbox_proxy_url", .method = "GET", .path = "/sandbox/{sandbox_id}/toolbox-proxy-url", .params = activity_params, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .result = {.name = "url", .type = DT_OBJECT, .with.shape = &url_shape},
   .doc = "Base URL of the toolbox."},
  {.name = "sandbox.get_build_logs_url", .method = "GET", .path = "/sandbox/{sandbox_id}/build-logs-url", .params = id_params, .flags = DT_BY_HAND | DT_IDEMPOTENT,
   .result = {.name = "url", .type = DT_OBJECT, .with.shape = &url_shape},
   .doc = "Where the log of the build is."},
  {.name = "sandbox.pause", .method = "POST", .path = "/sandbox/{sandbox_id}/pause", .params = id_wait_params, .result = SANDBOX_OR_NOTHING, .goal = "paused", .since = "0.205.0",
   .fails = "kind unprocessable where sandboxes of its class cannot be paused",
   .doc = "Pauses a started sandbox, which keeps its memory, and waits until it is paused; start resumes it."},
  {.name = "sandbox.resize", .method = "POST", .path = "/sandbox/{sandbox_id}/resize", .params = resize_params, .result = SANDBOX, .goal = "resized",
   .fails = "kind bad_request where only a stopped sandbox can be resized so",
   .doc = "Changes what the sandbox may use and waits until it is so; less, and the disk, only while it is stopped."},
  {.name = "sandbox.fork", .method = "POST", .path = "/sandbox/{sandbox_id}/fork", .params = fork_params, .result = OTHER_SANDBOX, .goal = "started", .since = "0.205.0",
   .fails = "kind unprocessable where sandboxes of its class cannot be forked; conflict where there is one of that name",
   .doc = "Makes another sandbox of a started one, with its files and its memory, and waits until it is started."},
  {.name = "sandbox.create_snapshot", .method = "POST", .path = "/sandbox/{sandbox_id}/snapshot", .params = snapshot_params, .result = SANDBOX, .goal = "snapshotted", .since = "0.205.0",
   .doc = "Makes a snapshot of the sandbox and waits until that is done."},
  {.name = "sandbox.create_backup", .method = "POST", .path = "/sandbox/{sandbox_id}/backup", .params = id_params, .result = SANDBOX,
   .doc = "Starts a backup of the sandbox; its field backup_state tells what becomes of it."},
  {.name = "sandbox.get_forks", .method = "GET", .path = "/sandbox/{sandbox_id}/forks", .params = forks_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .result = {.name = "sandboxes", .type = DT_HANDLE, .many = DT_LIST, .with.shape = &dt_shape_sandbox},
   .doc = "The sandboxes that were forked from it."},
  {.name = "sandbox.get_parent", .method = "GET", .path = "/sandbox/{sandbox_id}/parent", .params = id_params, .flags = DT_IDEMPOTENT, .result = OTHER_SANDBOX, .since = "0.205.0",
   .fails = "kind not_found for one that was not forked",
   .doc = "The sandbox that it was forked from."},
  {.name = "sandbox.get_ancestors", .method = "GET", .path = "/sandbox/{sandbox_id}/ancestors", .params = id_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .result = {.name = "sandboxes", .type = DT_HANDLE, .many = DT_LIST, .with.shape = &dt_shape_sandbox},
   .doc = "The sandbox that it was forked from, the one that this was forked from, and so on; the first one first."},
  {.name = "sandbox.set_auto_pause_interval", .method = "POST", .path = "/sandbox/{sandbox_id}/autopause/{interval}", .params = interval_params, .flags = DT_IDEMPOTENT, .result = SANDBOX, .since = "0.205.0",
   .doc = "Sets the minutes of inactivity after which the sandbox pauses, 0: never."},
  {.name = "sandbox.set_ttl", .method = "POST", .path = "/sandbox/{sandbox_id}/ttl/{ttl_minutes}", .params = ttl_params, .flags = DT_IDEMPOTENT, .result = SANDBOX, .since = "0.205.0",
   .doc = "Sets the minutes after which the sandbox is destroyed, whatever it does, 0: never."},
  {.name = "sandbox.update_network_settings", .method = "POST", .path = "/sandbox/{sandbox_id}/network-settings", .params = network_params, .flags = DT_IDEMPOTENT, .result = SANDBOX, .since = "0.205.0",
   .doc = "Changes what of the network the sandbox reaches."},
  {.name = "sandbox.update_secrets", .method = "PUT", .path = "/sandbox/{sandbox_id}/secrets", .params = secrets_params, .flags = DT_IDEMPOTENT, .result = SANDBOX, .since = "0.205.0",
   .doc = "Replaces the secrets that the sandbox has in its environment."},
  {.name = "sandbox.create_ssh_access", .method = "POST", .path = "/sandbox/{sandbox_id}/ssh-access", .params = ssh_params,
   .result = {.name = "access", .type = DT_OBJECT, .with.shape = &ssh_shape},
   .doc = "Opens a way by SSH into the sandbox, for a while."},
  {.name = "sandbox.revoke_ssh_access", .method = "DELETE", .path = "/sandbox/{sandbox_id}/ssh-access", .params = revoke_params, .flags = DT_IDEMPOTENT, .result = SANDBOX_OR_NOTHING,
   .doc = "Ends a way by SSH before its time."},
  {.name = "sandbox.validate_ssh_access", .method = "GET", .path = "/sandbox/ssh-access/validate", .params = validate_params, .flags = DT_IDEMPOTENT,
   .result = {.name = "validation", .type = DT_OBJECT, .with.shape = &valid_shape},
   .doc = "Whether a token of SSH is good, and for which sandbox."},
  {.name = "sandbox.get_metrics", .method = "GET", .path = "/sandbox/{sandbox_id}/telemetry/metrics", .params = metrics_params, .flags = DT_IDEMPOTENT,
   .result = {.name = "history", .type = DT_OBJECT, .with.shape = &telemetry_shape}, .member = "series",
   .doc = "What the sandbox has used between two points in time."},
  {.name = "client.get_config", .method = "GET", .path = "/config", .flags = DT_IDEMPOTENT,
   .result = {.name = "config", .type = DT_OBJECT, .with.shape = &config_shape},
   .doc = "The server's configuration: version, default snapshot, limits."},
  {.name = NULL}
};
