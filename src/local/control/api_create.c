#include "api.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "as.h"
#include "catalog.h"
#include "fields.h"
#include "pools.h"

#define DEFAULT_AUTO_STOP 15
#define DEFAULT_AUTO_ARCHIVE 10080
#define DEFAULT_AUTO_DELETE (-1)

static const dl_field fields[] = {{"name", DL_FIELD_NAME},
                                  {"snapshot", DL_FIELD_STRING},
                                  {"user", DL_FIELD_STRING},
                                  {"env", DL_FIELD_OBJECT},
                                  {"labels", DL_FIELD_OBJECT},
                                  {"public", DL_FIELD_BOOLEAN},
                                  {"networkBlockAll", DL_FIELD_BOOLEAN},
                                  {"networkAllowList", DL_FIELD_STRING},
                                  {"domainAllowList", DL_FIELD_STRING},
                                  {"outboundProxyUrl", DL_FIELD_STRING},
                                  {"otelEndpointOverride", DL_FIELD_STRING},
                                  {"target", DL_FIELD_STRING},
                                  {"cpu", DL_FIELD_COUNT},
                                  {"gpu", DL_FIELD_GPU},
                                  {"gpuType", DL_FIELD_ANY},
                                  {"spot", DL_FIELD_BOOLEAN},
                                  {"memory", DL_FIELD_COUNT},
                                  {"disk", DL_FIELD_COUNT},
                                  {"autoStopInterval", DL_FIELD_NUMBER},
                                  {"autoPauseInterval", DL_FIELD_COUNT},
                                  {"autoArchiveInterval", DL_FIELD_NUMBER},
                                  {"autoDeleteInterval", DL_FIELD_NUMBER},
                                  {"ttlMinutes", DL_FIELD_COUNT},
                                  {"volumes", DL_FIELD_VOLUMES},
                                  {"buildInfo", DL_FIELD_OBJECT},
                                  {"linkedSandbox", DL_FIELD_STRING},
                                  {"secrets", DL_FIELD_STRINGS},
                                  {NULL, DL_FIELD_STRING}};

/* Each step gives true, or false when it has replied with a refusal. */

static bool check_types(dl_http_request *req, const json_t *body) {
  dl_strbuf problems = {0};
  dl_fields_check(body, fields, &problems);
  bool ok = problems.len == 0;
  if (!ok)
    dl_api_fail(req, 400, "%s", problems.data);
  dl_strbuf_free(&problems);
  return ok;
}

static bool asks_for(const json_t *body, const char *name) {
  return json_number_value(dl_fields_get(body, name)) > 0;
}

static bool check_source(dl_http_request *req, const json_t *body) {
  bool is_image = false;
  if (dl_fields_get(body, "buildInfo")) {
    if (dl_fields_text(body, "snapshot"))
      dl_api_fail(req, 400,
                  "Cannot specify a snapshot when using a build info entry");
    else if (dl_fields_text(body, "linkedSandbox"))
      dl_api_fail(req, 400,
                  "linkedSandbox is not supported with declarative builds. "
                  "Create a sandbox from a snapshot");
    else
      is_image = dl_api_takes_image(req, body);
    if (!is_image)
      return false;
  }
  if (asks_for(body, "gpu") ||
      json_array_size(dl_fields_get(body, "gpuType")) > 0 ||
      dl_fields_text(body, "gpuType")) {
    dl_api_unsupported(req, "A GPU is");
    return false;
  }
  if (!is_image && (asks_for(body, "cpu") || asks_for(body, "memory") ||
                    asks_for(body, "disk"))) {
    dl_api_fail(req, 400,
                "Cannot specify Sandbox resources when using a snapshot");
    return false;
  }
  return true;
}

static char *trim(const char *text) {
  while (isspace((unsigned char)*text))
    text++;
  size_t len = strlen(text);
  while (len > 0 && isspace((unsigned char)text[len - 1]))
    len--;
  return strndup(text, len);
}

static bool read_target(dl_http_request *req, const json_t *body,
                        dl_sandbox *sb) {
  const char *given = dl_fields_text(body, "target");
  const char *region = dl_catalog_regions[0];
  char *target = trim(given ? given : "");
  if (target && *target)
    region = dl_catalog_region(target);
  free(target);
  if (!region) {
    dl_api_fail(req, 404, "Region not found");
    return false;
  }
  return dl_sandbox_set(&sb->target, region) == 0;
}

/* A fraction or a number beyond the database's integers broke the original
 * too. */
static bool read_interval(dl_http_request *req, const json_t *body,
                          const char *name, int64_t initial, int64_t *out) {
  const json_t *value = dl_fields_get(body, name);
  *out = initial;
  if (!value || dl_fields_integer(value, out) == 0)
    return true;
  dl_api_broken(req);
  return false;
}

static bool read_intervals(dl_http_request *req, const json_t *body,
                           dl_sandbox *sb) {
  int64_t ttl = 0;
  if (!read_interval(req, body, "autoPauseInterval", 0,
                     &sb->auto_pause_interval) ||
      !read_interval(req, body, "autoStopInterval",
                     sb->auto_pause_interval > 0 ? 0 : DEFAULT_AUTO_STOP,
                     &sb->auto_stop_interval) ||
      !read_interval(req, body, "autoArchiveInterval", DEFAULT_AUTO_ARCHIVE,
                     &sb->auto_archive_interval) ||
      !read_interval(req, body, "autoDeleteInterval", DEFAULT_AUTO_DELETE,
                     &sb->auto_delete_interval) ||
      !read_interval(req, body, "ttlMinutes", 0, &ttl))
    return false;
  if (sb->auto_stop_interval < 0) {
    dl_api_fail(req, 400, "Auto-stop interval must be non-negative");
    return false;
  }
  if (sb->auto_archive_interval < 0) {
    dl_api_fail(req, 400, "Auto-archive interval must be non-negative");
    return false;
  }
  if (sb->auto_archive_interval == 0 ||
      sb->auto_archive_interval > DL_API_MAX_ARCHIVE)
    sb->auto_archive_interval = DL_API_MAX_ARCHIVE;
  if (ttl > 0)
    sb->auto_destroy_at = ttl * dl_api_plane(req)->minute_ms;
  const char *why = dl_api_intervals(sb);
  if (why)
    dl_api_fail(req, 400, "%s", why);
  return !why;
}

static bool check_unsupported(dl_http_request *req, const json_t *body) {
  const char *user = dl_fields_text(body, "user");
  const char *what = NULL;
  if (json_array_size(dl_fields_get(body, "secrets")) > 0) {
    dl_api_no_mounts_of_secrets(req);
    return false;
  }
  if (user && strcmp(user, "daytona") != 0)
    what = "A user other than daytona is";
  else if (json_is_true(dl_fields_get(body, "spot")))
    what = "A spot sandbox is";
  else if (dl_fields_text(body, "otelEndpointOverride"))
    what = "otelEndpointOverride is";
  if (what)
    dl_api_unsupported(req, what);
  return !what;
}

static bool read_linked(dl_http_request *req, dl_plane *plane,
                        const json_t *body, dl_sandbox *sb) {
  const char *key = dl_fields_text(body, "linkedSandbox");
  dl_sandbox other = {0};
  bool ok = false;
  if (!key)
    return true;
  if (dl_plane_find(plane, key, &other) != DL_STORE_FOUND)
    dl_api_fail(req, 404, "Sandbox with ID or name %s not found", key);
  else if (!dl_sandbox_ephemeral(sb))
    dl_api_fail(req, 400,
                "Linked sandboxes must be ephemeral (set autoDeleteInterval "
                "to 0)");
  else if (other.linked_sandbox_id)
    dl_api_fail(req, 400,
                "Linked sandbox %s is itself linked to another sandbox; "
                "chained links are not allowed",
                other.id);
  else
    ok = dl_sandbox_set(&sb->linked_sandbox_id, other.id) == 0;
  dl_sandbox_clear(&other);
  return ok;
}

static int set_object(char **field, const json_t *body, const char *name) {
  const json_t *value = dl_fields_get(body, name);
  free(*field);
  *field = value ? json_dumps(value, JSON_COMPACT) : strdup("{}");
  return *field ? 0 : -1;
}

static int read_plain(const json_t *body, dl_sandbox *sb) {
  const char *name = dl_fields_text(body, "name");
  char id[DL_CRYPTO_UUID];
  if (dl_crypto_uuid(id) || dl_sandbox_set(&sb->id, id) ||
      dl_sandbox_set(&sb->name, name ? name : id) ||
      dl_sandbox_set(&sb->user, "daytona") ||
      dl_sandbox_set(&sb->outbound_proxy_url,
                     dl_fields_text(body, "outboundProxyUrl")) ||
      set_object(&sb->env, body, "env") ||
      set_object(&sb->labels, body, "labels"))
    return -1;
  sb->is_public = json_is_true(dl_fields_get(body, "public"));
  sb->network_block_all = json_is_true(dl_fields_get(body, "networkBlockAll"));
  sb->state = DL_UNKNOWN;
  dl_plane_wish(sb, DL_STARTED);
  return 0;
}

static bool read_all(dl_http_request *req, json_t *body, dl_sandbox *sb) {
  return check_types(req, body) && check_source(req, body) &&
         read_plain(body, sb) == 0 && read_target(req, body, sb) &&
         read_intervals(req, body, sb) && dl_api_allow_lists(req, body) &&
         check_unsupported(req, body) && dl_api_knows(req, body, fields);
}

/* Inserts, waits until it runs, and answers with what was inserted. Locked. */
static void insert(dl_http_request *req, dl_plane *plane, dl_sandbox *sb,
                   const json_t *mounts, const json_t *source) {
  dl_sandbox other = {0};
  if (dl_store_get_by_name(plane->store, sb->name, &other) != DL_STORE_NONE) {
    dl_sandbox_clear(&other);
    dl_api_fail(req, 409, "Sandbox with name %s already exists", sb->name);
    return;
  }
  sb->created_at = sb->last_activity_at = dl_plane_now(plane);
  if (sb->auto_destroy_at > 0) /* up to now the time to live */
    sb->auto_destroy_at += sb->created_at;
  if (json_array_size(mounts) == 0 && !dl_api_is_image(source) &&
      dl_pools_take(plane, sb, source)) {
    dl_api_reply(req, 200, plane, sb);
    return;
  }
  if (dl_api_keep_mounts(plane, sb->id, mounts) ||
      dl_api_keep_source(plane, sb, source) || dl_plane_save(plane, sb)) {
    dl_api_broken(req);
    return;
  }
  dl_strbuf answer = {0};
  dl_sandbox inserted = *sb;
  if (dl_api_is_image(source)) /* who asked for the log of its build reads it */
    inserted.state = DL_PENDING_BUILD;
  dl_view_sandbox(&answer, plane, &inserted, true);
  dl_plane_wake(plane);
  if (dl_plane_wait(plane, sb) == DL_STORE_FOUND && sb->state == DL_ERROR) {
    dl_strbuf_free(&answer);
    dl_api_fail(req, 400, "Sandbox failed to start: %s",
                sb->error_reason ? sb->error_reason : "");
    return;
  }
  dl_http_reply_json_text(req, 200, &answer);
}

/* A server that does not know them yet does not see them. */
static void drop_newer(json_t *body) {
  static const char *const newer[] = {
      "autoPauseInterval",    "ttlMinutes",      "secrets", "spot",
      "otelEndpointOverride", "outboundProxyUrl"};
  size_t i;
  for (i = 0; i < sizeof newer / sizeof *newer; i++)
    json_object_del(body, newer[i]);
}

/* POST /sandbox */
void dl_api_create(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  json_t *body = dl_api_body(req), *mounts = NULL, *source = NULL;
  dl_sandbox sb = {0};
  if (!body)
    return;
  if (dl_as_now()->no_newer)
    drop_newer(body);
  if (read_all(req, body, &sb)) {
    pthread_mutex_lock(&plane->lock);
    source = dl_api_read_source(req, plane, body, &sb);
    mounts = source ? dl_api_read_mounts(req, plane, body) : NULL;
    if (mounts && read_linked(req, plane, body, &sb))
      insert(req, plane, &sb, mounts, source);
    pthread_mutex_unlock(&plane->lock);
  }
  if (!dl_http_replied(req)) /* memory ran out on the way */
    dl_api_broken(req);
  dl_sandbox_clear(&sb);
  json_decref(mounts);
  json_decref(source);
  json_decref(body);
}
