/* The rows of what an organization has besides sandboxes: the areas of a
 * client. */
#include "parts.h"

/* clang-format off */

#define AT(of, camel) {.name = of, .wire = camel, .doc = "ISO 8601"}
#define AT_OR_NIL(of, camel) {.name = of, .wire = camel, .flags = DT_NULLABLE, .doc = "ISO 8601; nil: never"}
#define ORDER(more) {.name = "sort", .place = DT_QUERY, .doc = more}, {.name = "order", .place = DT_QUERY, .doc = "desc or asc"}
#define PAGE {.name = "page", .type = DT_INTEGER, .place = DT_QUERY, .flags = DT_BOUNDED, .min = 1, .max = 2147483647, .doc = "page, from 1"}
#define LIMIT {.name = "limit", .type = DT_INTEGER, .place = DT_QUERY, .flags = DT_BOUNDED, .min = 1, .max = 200, .doc = "page size, default 100"}
#define PAGED \
  {.name = "total", .type = DT_INTEGER, .doc = "how many there are on all pages"}, \
  {.name = "page", .type = DT_INTEGER, .flags = DT_SAID, .doc = "page, from 1"}, \
  {.name = "total_pages", .wire = "totalPages", .type = DT_INTEGER, .flags = DT_SAID, .doc = "how many pages there are"}, END

/* volumes */

static const dt_field volume_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "unique id"},
  {.name = "name", .doc = "name"},
  {.name = "organization_id", .wire = "organizationId", .doc = "organization that owns it"},
  {.name = "state", .doc = "pending_create, creating, ready, pending_delete, deleting, deleted or error"},
  {.name = "error_reason", .wire = "errorReason", .flags = DT_NULLABLE, .doc = "why it is in the state error"},
  AT("created_at", "createdAt"), AT("updated_at", "updatedAt"), AT_OR_NIL("last_used_at", "lastUsedAt"), END
};
static const dt_shape volume_shape = {"volume", volume_fields};
static const dt_field volume_list_params[] = {
  {.name = "include_deleted", .wire = "includeDeleted", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "true: also deleted ones"}, END
};
static const dt_field volume_name_params[] = {
  {.name = "name", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "name of the volume"}, END
};
static const dt_field volume_create_params[] = {TEXT("name", DT_NONBLANK | DT_NEW_NAME, "name of the new volume"), WAIT, END};
#define VOLUME_ID {.name = "volume_id", .wire = "volumeId", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the volume"}
static const dt_field volume_params[] = {VOLUME_ID, END};

/* snapshots */

static const dt_field built_fields[] = {
  {.name = "dockerfile_content", .wire = "dockerfileContent", .doc = "Dockerfile it was built from"},
  {.name = "context_hashes", .wire = "contextHashes", .many = DT_LIST, .doc = "hashes of the build contexts"}, END
};
static const dt_shape built_shape = {"snapshot_build", built_fields};
static const dt_field build_fields[] = {
  {.name = "dockerfile_content", .wire = "dockerfileContent", .flags = DT_REQUIRED, .doc = "Dockerfile to build from"},
  {.name = "context_hashes", .wire = "contextHashes", .many = DT_LIST, .doc = "hashes of the build contexts"}, END
};
static const dt_shape build_shape = {"snapshot_build_request", build_fields};
static const dt_field snapshot_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "unique id"},
  {.name = "organization_id", .wire = "organizationId", .doc = "organization that owns it"},
  {.name = "general", .type = DT_BOOLEAN, .doc = "is it there for every organization"},
  {.name = "name", .doc = "name"},
  {.name = "image_name", .wire = "imageName", .doc = "image it was made from"},
  {.name = "state", .doc = "building, pending, pulling, snapshotting, active, inactive, error, build_failed or removing"},
  {.name = "size", .type = DT_NUMBER, .flags = DT_NULLABLE, .doc = "GB"},
  {.name = "entrypoint", .many = DT_LIST, .doc = "program that its sandboxes start, with its arguments"},
  {.name = "cpu", .type = DT_NUMBER, .doc = "cores"}, {.name = "gpu", .type = DT_NUMBER, .doc = "GPUs"},
  {.name = "gpu_type", .wire = "gpuType", .flags = DT_NULLABLE, .doc = "kind of GPU"},
  {.name = "mem", .type = DT_NUMBER, .doc = "GiB"}, {.name = "disk", .type = DT_NUMBER, .doc = "GiB"},
  {.name = "error_reason", .wire = "errorReason", .flags = DT_NULLABLE, .doc = "why it is in an error state"},
  {.name = "build_info", .wire = "buildInfo", .type = DT_OBJECT, .with.shape = &built_shape, .doc = "declarative build"},
  {.name = "region_ids", .wire = "regionIds", .many = DT_LIST, .doc = "regions that have it"},
  {.name = "ref", .doc = "reference of its image"},
  {.name = "source_sandbox_id", .wire = "sourceSandboxId", .flags = DT_NULLABLE, .doc = "sandbox it was made of"},
  {.name = "sandbox_class", .wire = "sandboxClass", .doc = "class of its sandboxes"},
  AT("created_at", "createdAt"), AT("updated_at", "updatedAt"), AT_OR_NIL("last_used_at", "lastUsedAt"), END
};
static const dt_shape snapshot_shape = {"snapshot", snapshot_fields};
static const dt_field snapshots_fields[] = {
  {.name = "items", .type = DT_OBJECT, .many = DT_LIST, .flags = DT_SAID, .with.shape = &snapshot_shape, .doc = "snapshots of this page"}, PAGED
};
static const dt_shape snapshots_shape = {"snapshot_page", snapshots_fields};
static const dt_field snapshot_list_params[] = {
  PAGE, LIMIT, {.name = "name", .place = DT_QUERY, .doc = "part of the name"},
  {.name = "source_sandbox_id", .wire = "sourceSandboxId", .place = DT_QUERY, .doc = "only those made of this sandbox"},
  ORDER("name, state, lastUsedAt (default) or createdAt"), END
};
#define SNAPSHOT_UUID {.name = "snapshot_id", .wire = "id", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the snapshot, not its name"}
#define SNAPSHOT_ID {.name = "snapshot_id", .wire = "id", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id or name of the snapshot"}
static const dt_field snapshot_params[] = {SNAPSHOT_ID, END};
static const dt_field snapshot_delete_params[] = {SNAPSHOT_UUID, END};
static const dt_field snapshot_activate_params[] = {SNAPSHOT_ID, WAIT, END};
static const dt_field snapshot_create_params[] = {
  TEXT("name", DT_NONBLANK | DT_NEW_NAME, "name of the new snapshot"),
  {.name = "image_name", .wire = "imageName", .flags = DT_NONBLANK, .doc = "image of a registry, with a tag other than latest"},
  {.name = "build_info", .wire = "buildInfo", .type = DT_OBJECT, .with.shape = &build_shape, .doc = "declarative build instead of an image"},
  {.name = "entrypoint", .many = DT_LIST, .doc = "program that its sandboxes start, with its arguments; default the image's"},
  {.name = "cpu", NATURAL, .doc = "cores"}, {.name = "gpu", NATURAL, .doc = "GPUs"},
  {.name = "gpu_type", .wire = "gpuType", .many = DT_LIST, .doc = "kinds of GPU, best first"},
  {.name = "memory", NATURAL, .doc = "GiB"}, {.name = "disk", NATURAL, .doc = "GiB"},
  {.name = "region_id", .wire = "regionId", .doc = "region; default the organization's"},
  {.name = "sandbox_class", .wire = "sandboxClass", .doc = "class of its sandboxes: container, linux-vm, android or windows"},
  WAIT, END
};
static const dt_field url_fields[] = {{.name = "url", .flags = DT_SAID, .doc = "where the log is"}, END};
static const dt_shape url_shape = {"snapshot_url", url_fields};

/* secrets */

static const dt_field secret_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "unique id"}, {.name = "name", .doc = "name"},
  {.name = "description", .flags = DT_NULLABLE, .doc = "what it is for"},
  {.name = "placeholder", .doc = "what a sandbox sees of it"},
  {.name = "hosts", .many = DT_LIST, .doc = "hosts that it may be sent to"},
  AT("created_at", "createdAt"), AT("updated_at", "updatedAt"), END
};
static const dt_shape secret_shape = {"secret", secret_fields};
static const dt_field secrets_fields[] = {
  {.name = "items", .type = DT_OBJECT, .many = DT_LIST, .flags = DT_SAID, .with.shape = &secret_shape, .doc = "secrets of this page"},
  {.name = "total", .type = DT_INTEGER, .doc = "how many there are on all pages"},
  {.name = "next_cursor", .wire = "nextCursor", .flags = DT_NULLABLE, .doc = "cursor of the next page, nil at the end"}, END
};
static const dt_shape secrets_shape = {"secret_page", secrets_fields};
static const dt_field secret_list_params[] = {
  {.name = "cursor", .place = DT_QUERY, .doc = "from an earlier page"}, LIMIT,
  {.name = "name", .place = DT_QUERY, .doc = "part of the name"}, ORDER("name, createdAt (default) or updatedAt"), END
};
#define SECRET_ID {.name = "secret_id", .wire = "secretId", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the secret"}
#define SECRET_REST \
  {.name = "description", .doc = "what it is for"}, \
  {.name = "hosts", .many = DT_LIST, .doc = "hosts that it may be sent to; default any"}
static const dt_field secret_params[] = {SECRET_ID, END};
static const dt_field secret_create_params[] = {
  TEXT("name", DT_NONBLANK, "name of the new secret"), TEXT("value", DT_SECRET, "what is secret; nobody gets it back"), SECRET_REST, END
};
static const dt_field secret_update_params[] = {SECRET_ID, {.name = "value", .flags = DT_SECRET, .doc = "the new value"}, SECRET_REST, END};

/* warm pools */

static const dt_field pool_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "unique id"},
  {.name = "organization_id", .wire = "organizationId", .doc = "organization that owns it"},
  {.name = "snapshot", .doc = "snapshot of its sandboxes"}, {.name = "target", .doc = "region"},
  {.name = "pool", .type = DT_INTEGER, .doc = "how many sandboxes are held ready"},
  {.name = "current_size", .wire = "currentSize", .type = DT_INTEGER, .doc = "how many are ready now"},
  {.name = "cpu", .type = DT_NUMBER, .doc = "cores"}, {.name = "mem", .type = DT_NUMBER, .doc = "GiB"},
  {.name = "disk", .type = DT_NUMBER, .doc = "GiB"}, {.name = "os_user", .wire = "osUser", .doc = "user inside its sandboxes"},
  {.name = "env", .many = DT_MAP, .doc = "environment variables"},
  {.name = "error_reason", .wire = "errorReason", .flags = DT_NULLABLE, .doc = "why it is not filled"},
  AT("created_at", "createdAt"), AT("updated_at", "updatedAt"), END
};
static const dt_shape pool_shape = {"warm_pool", pool_fields};
#define POOL(least) {.name = "pool", .type = DT_INTEGER, .flags = DT_REQUIRED | DT_BOUNDED, .min = least, .max = 2147483647, .doc = "how many sandboxes to hold ready"}
#define POOL_ID {.name = "warm_pool_id", .wire = "id", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the warm pool"}
static const dt_field pool_create_params[] = {
  TEXT("snapshot", DT_NONBLANK, "snapshot of its sandboxes"), POOL(1), {.name = "target", .doc = "region; default the organization's"}, END
};
static const dt_field pool_update_params[] = {POOL_ID, POOL(0), END};
static const dt_field pool_params[] = {POOL_ID, END};

/* regions, keys, organizations: only read */

static const dt_field region_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "unique id"}, {.name = "name", .doc = "name"},
  {.name = "organization_id", .wire = "organizationId", .flags = DT_NULLABLE, .doc = "organization that owns it; nil: shared"},
  {.name = "region_type", .wire = "regionType", .doc = "shared, dedicated or custom"},
  {.name = "proxy_url", .wire = "proxyUrl", .flags = DT_NULLABLE, .doc = "where its toolboxes and previews are"},
  {.name = "ssh_gateway_url", .wire = "sshGatewayUrl", .flags = DT_NULLABLE, .doc = "where SSH goes"},
  {.name = "snapshot_manager_url", .wire = "snapshotManagerUrl", .flags = DT_NULLABLE, .doc = "where its snapshots are"},
  {.name = "otel_endpoint", .wire = "otelEndpoint", .flags = DT_NULLABLE, .doc = "OpenTelemetry endpoint"},
  AT("created_at", "createdAt"), AT("updated_at", "updatedAt"), END
};
static const dt_shape region_shape = {"region", region_fields};
static const dt_field region_params[] = {
  {.name = "region_id", .wire = "id", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the region"}, END
};
static const dt_field key_fields[] = {
  {.name = "name", .flags = DT_SAID, .doc = "name"}, {.name = "value", .doc = "the key, most of it hidden"},
  {.name = "permissions", .many = DT_LIST, .doc = "what it may do, like write:sandboxes"},
  {.name = "user_id", .wire = "userId", .doc = "user it was made by"},
  AT("created_at", "createdAt"), AT_OR_NIL("last_used_at", "lastUsedAt"), AT_OR_NIL("expires_at", "expiresAt"), END
};
static const dt_shape key_shape = {"api_key", key_fields};
static const dt_field key_params[] = {
  {.name = "name", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "name of the key"}, END
};
static const dt_field organization_fields[] = {
  {.name = "id", .flags = DT_SAID | DT_ID, .doc = "unique id"}, {.name = "name", .doc = "name"},
  {.name = "created_by", .wire = "createdBy", .doc = "user it was made by"},
  {.name = "personal", .type = DT_BOOLEAN, .doc = "is it that of one user"},
  {.name = "suspended", .type = DT_BOOLEAN, .doc = "may it do nothing"},
  {.name = "suspension_reason", .wire = "suspensionReason", .flags = DT_NULLABLE, .doc = "why not"},
  {.name = "default_region_id", .wire = "defaultRegionId", .flags = DT_NULLABLE, .doc = "region of new sandboxes"},
  {.name = "max_cpu_per_sandbox", .wire = "maxCpuPerSandbox", .type = DT_NUMBER, .doc = "cores"},
  {.name = "max_memory_per_sandbox", .wire = "maxMemoryPerSandbox", .type = DT_NUMBER, .doc = "GiB"},
  {.name = "max_disk_per_sandbox", .wire = "maxDiskPerSandbox", .type = DT_NUMBER, .doc = "GiB"},
  AT("created_at", "createdAt"), AT("updated_at", "updatedAt"), END
};
static const dt_shape organization_shape = {"organization", organization_fields};
static const dt_field organization_params[] = {
  {.name = "organization_id", .wire = "organizationId", .place = DT_PATH, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "id of the organization"}, END
};
static const dt_field usage_fields[] = {
  {.name = "total_snapshot_quota", .wire = "totalSnapshotQuota", .type = DT_NUMBER, .doc = "how many snapshots there may be"},
  {.name = "current_snapshot_usage", .wire = "currentSnapshotUsage", .type = DT_NUMBER, .doc = "how many there are"},
  {.name = "total_volume_quota", .wire = "totalVolumeQuota", .type = DT_NUMBER, .doc = "how many volumes there may be"},
  {.name = "current_volume_usage", .wire = "currentVolumeUsage", .type = DT_NUMBER, .doc = "how many there are"}, END
};
static const dt_shape usage_shape = {"organization_usage", usage_fields};
static const dt_field gpu_fields[] = {
  {.name = "gpu_type", .wire = "gpuType", .doc = "kind of GPU"},
  {.name = "available_on_demand", .wire = "availableOnDemand", .type = DT_NUMBER, .doc = "how many a sandbox can get"},
  {.name = "available_spot", .wire = "availableSpot", .type = DT_NUMBER, .doc = "how many a spot sandbox can get"}, END
};
static const dt_shape gpu_shape = {"gpu_availability", gpu_fields};
static const dt_field gpus_fields[] = {
  {.name = "observed_at", .wire = "observedAt", .doc = "when that was so, ISO 8601"},
  {.name = "capacity", .type = DT_OBJECT, .many = DT_LIST, .flags = DT_SAID, .with.shape = &gpu_shape, .doc = "for each kind of GPU"}, END
};
static const dt_shape gpus_shape = {"gpu_capacity", gpus_fields};
static const dt_field storage_fields[] = {
  {.name = "access_key", .wire = "accessKey", .flags = DT_SAID, .doc = "key"}, {.name = "secret", .flags = DT_SAID, .doc = "secret of the key"},
  {.name = "session_token", .wire = "sessionToken", .doc = "token that goes with it"}, {.name = "storage_url", .wire = "storageUrl", .doc = "where the storage is, S3"},
  {.name = "organization_id", .wire = "organizationId", .doc = "prefix of the organization's objects"},
  {.name = "bucket", .doc = "bucket"}, {.name = "region", .doc = "region of the storage"}, END
};
static const dt_shape storage_shape = {"storage_access", storage_fields};

const dt_operation dt_operations_catalog[] = {
  {.name = "volume.list", .method = "GET", .path = "/volumes", .params = volume_list_params, .flags = DT_IDEMPOTENT, .result = OBJECTS(volume_shape),
   .doc = "The volumes."},
  {.name = "volume.get", .method = "GET", .path = "/volumes/by-name/{name}", .params = volume_name_params, .flags = DT_IDEMPOTENT, .result = OBJECT(volume_shape),
   .doc = "Reads a volume by its name."},
  {.name = "volume.get_by_id", .method = "GET", .path = "/volumes/{volume_id}", .params = volume_params, .flags = DT_IDEMPOTENT, .result = OBJECT(volume_shape),
   .doc = "Reads a volume by its id."},
  {.name = "volume.create", .method = "POST", .path = "/volumes", .params = volume_create_params, .result = OBJECT(volume_shape), .goal = "ready",
   .fails = "kind conflict or bad_request where there is one of that name; state where it cannot be made",
   .doc = "Makes a volume and waits until it is ready."},
  {.name = "volume.delete", .method = "DELETE", .path = "/volumes/{volume_id}", .params = volume_params,
   .fails = "kind conflict while a sandbox has it",
   .doc = "Deletes a volume with its files."},

  {.name = "snapshot.list", .method = "GET", .path = "/snapshots", .params = snapshot_list_params, .flags = DT_IDEMPOTENT, .result = OBJECT(snapshots_shape), .paging = DT_PAGES,
   .doc = "The snapshots."},
  {.name = "snapshot.get", .method = "GET", .path = "/snapshots/{snapshot_id}", .params = snapshot_params, .flags = DT_IDEMPOTENT, .result = OBJECT(snapshot_shape),
   .doc = "Reads a snapshot by id or name."},
  {.name = "snapshot.create", .method = "POST", .path = "/snapshots", .params = snapshot_create_params, .result = OBJECT(snapshot_shape), .goal = "active",
   .fails = "kind conflict where there is one of that name; state where it cannot be made",
   .doc = "Makes a snapshot of an image or a declarative build and waits until it is active."},
  {.name = "snapshot.delete", .method = "DELETE", .path = "/snapshots/{snapshot_id}", .params = snapshot_delete_params,
   .doc = "Deletes a snapshot."},
  {.name = "snapshot.activate", .method = "POST", .path = "/snapshots/{snapshot_id}/activate", .params = snapshot_activate_params, .result = OBJECT(snapshot_shape), .goal = "active",
   .fails = "kind bad_request where it is active",
   .doc = "Makes an inactive snapshot active again and waits until it is."},
  {.name = "snapshot.deactivate", .method = "POST", .path = "/snapshots/{snapshot_id}/deactivate", .params = snapshot_params,
   .doc = "Makes a snapshot inactive: no sandbox is made of it."},
  {.name = "snapshot.get_build_logs_url", .method = "GET", .path = "/snapshots/{snapshot_id}/build-logs-url", .params = snapshot_params, .flags = DT_IDEMPOTENT, .result = OBJECT(url_shape), .member = "url",
   .fails = "kind not_found for one that was not built",
   .doc = "Where the log of a snapshot's build is."},

  {.name = "secret.list", .method = "GET", .path = "/secret/paginated", .params = secret_list_params, .flags = DT_IDEMPOTENT, .result = OBJECT(secrets_shape), .paging = DT_CURSOR,
   .doc = "The secrets, without their values."},
  {.name = "secret.get", .method = "GET", .path = "/secret/{secret_id}", .params = secret_params, .flags = DT_IDEMPOTENT, .result = OBJECT(secret_shape),
   .doc = "Reads a secret, without its value."},
  {.name = "secret.create", .method = "POST", .path = "/secret", .params = secret_create_params, .result = OBJECT(secret_shape),
   .fails = "kind conflict where there is one of that name",
   .doc = "Makes a secret."},
  {.name = "secret.update", .method = "PATCH", .path = "/secret/{secret_id}", .params = secret_update_params, .flags = DT_IDEMPOTENT, .result = OBJECT(secret_shape),
   .doc = "Changes what is given of a secret."},
  {.name = "secret.delete", .method = "DELETE", .path = "/secret/{secret_id}", .params = secret_params,
   .doc = "Deletes a secret."},

  {.name = "warm_pool.list", .method = "GET", .path = "/warm-pools", .flags = DT_IDEMPOTENT, .result = OBJECTS(pool_shape),
   .doc = "The warm pools."},
  {.name = "warm_pool.create", .method = "POST", .path = "/warm-pools", .params = pool_create_params, .result = OBJECT(pool_shape),
   .doc = "Makes a warm pool: sandboxes that are held ready."},
  {.name = "warm_pool.update", .method = "PATCH", .path = "/warm-pools/{warm_pool_id}", .params = pool_update_params, .flags = DT_IDEMPOTENT, .result = OBJECT(pool_shape),
   .doc = "Sets how many sandboxes a warm pool holds ready."},
  {.name = "warm_pool.delete", .method = "DELETE", .path = "/warm-pools/{warm_pool_id}", .params = pool_params,
   .doc = "Deletes a warm pool with the sandboxes in it."},

  {.name = "object_storage.get_push_access", .method = "GET", .path = "/object-storage/push-access", .flags = DT_IDEMPOTENT, .result = OBJECT(storage_shape),
   .fails = "kind unavailable where the server has no object storage",
   .doc = "Credentials, for an hour or so, by which build contexts are uploaded."},

  {.name = "region.list", .method = "GET", .path = "/regions", .flags = DT_IDEMPOTENT, .result = OBJECTS(region_shape),
   .doc = "The regions that the organization can use."},
  {.name = "region.list_shared", .method = "GET", .path = "/shared-regions", .flags = DT_IDEMPOTENT, .result = OBJECTS(region_shape),
   .doc = "The regions that every organization can use."},
  {.name = "region.get", .method = "GET", .path = "/regions/{region_id}", .params = region_params, .flags = DT_IDEMPOTENT, .result = OBJECT(region_shape),
   .doc = "Reads a region."},
  {.name = "api_key.list", .method = "GET", .path = "/api-keys", .flags = DT_IDEMPOTENT, .result = OBJECTS(key_shape),
   .doc = "The API keys, most of each hidden."},
  {.name = "api_key.get_current", .method = "GET", .path = "/api-keys/current", .flags = DT_IDEMPOTENT, .result = OBJECT(key_shape),
   .doc = "The API key that the client has: what it may do, when it ends."},
  {.name = "api_key.get", .method = "GET", .path = "/api-keys/{name}", .params = key_params, .flags = DT_IDEMPOTENT, .result = OBJECT(key_shape),
   .doc = "Reads an API key."},
  {.name = "organization.list", .method = "GET", .path = "/organizations", .flags = DT_IDEMPOTENT, .result = OBJECTS(organization_shape),
   .doc = "The organizations of the user; only with a JWT."},
  {.name = "organization.get", .method = "GET", .path = "/organizations/{organization_id}", .params = organization_params, .flags = DT_IDEMPOTENT, .result = OBJECT(organization_shape),
   .doc = "Reads an organization; only with a JWT."},
  {.name = "organization.get_usage", .method = "GET", .path = "/organizations/{organization_id}/usage", .params = organization_params, .flags = DT_IDEMPOTENT, .result = OBJECT(usage_shape),
   .doc = "What an organization uses, and may use; only with a JWT."},
  {.name = "organization.get_gpu_capacity", .method = "GET", .path = "/organizations/{organization_id}/gpu-capacity", .params = organization_params, .flags = DT_IDEMPOTENT, .result = OBJECT(gpus_shape), .since = "0.218.0",
   .doc = "How many GPUs are free for an organization."},
  {.name = NULL}
};
