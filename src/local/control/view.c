#include "view.h"

#include <stdlib.h>

#include "../as.h"
#include "../clock.h"
#include "mounts.h"

/* How a stored sandbox looks on the wire. */

static void put(json_t *o, const char *key, json_t *value) {
  json_object_set_new(o, key, value);
}

static void put_text(json_t *o, const char *key, const char *value) {
  put(o, key, value ? json_string(value) : json_null());
}

/* An unset value is left out of the answer to create, and null later. */
static void put_optional(json_t *o, const char *key, const char *value,
                         bool as_inserted) {
  if (value || !as_inserted)
    put_text(o, key, value);
}

static void put_number(json_t *o, const char *key, int64_t value) {
  put(o, key, json_integer((json_int_t)value));
}

json_t *dl_view_time(int64_t ms) {
  if (ms == 0)
    return json_null();
  char text[DL_CLOCK_TEXT];
  dl_clock_iso_ms(ms, text);
  return json_string(text);
}

static void put_time(json_t *o, const char *key, int64_t ms) {
  char text[DL_CLOCK_TEXT];
  dl_clock_iso_ms(ms, text);
  put(o, key, json_string(text));
}

static void put_object(json_t *o, const char *key, const char *text) {
  json_t *value = json_loads(text, 0, NULL);
  put(o, key, value ? value : json_object());
}

static void put_states(json_t *o, const dl_sandbox *sb, bool in_list) {
  dl_state shown = dl_sandbox_shown_state(sb, in_list);
  put_text(o, "state", dl_sandbox_state_name(shown));
  put_text(o, "desiredState", dl_sandbox_state_name(sb->desired_state));
}

static void put_resources(json_t *o, const dl_sandbox *sb) {
  put_number(o, "cpu", sb->cpu);
  put_number(o, "gpu", sb->gpu);
  put_number(o, "memory", sb->memory);
  put_number(o, "disk", sb->disk);
}

static void put_intervals(json_t *o, const dl_sandbox *sb) {
  put_number(o, "autoStopInterval", sb->auto_stop_interval);
  if (!dl_as_now()->no_newer)
    put_number(o, "autoPauseInterval", sb->auto_pause_interval);
  put_number(o, "autoArchiveInterval", sb->auto_archive_interval);
  put_number(o, "autoDeleteInterval", sb->auto_delete_interval);
  if (sb->auto_destroy_at > 0)
    put_time(o, "autoDestroyAt", sb->auto_destroy_at);
}

/* Only of one that nobody has taken. */
static void put_pool(json_t *o, const dl_sandbox *sb) {
  if (sb->warm_pool_id)
    put_text(o, "warmPoolId", sb->warm_pool_id);
}

static void put_times(json_t *o, const dl_sandbox *sb) {
  put_time(o, "createdAt", sb->created_at);
  put_time(o, "updatedAt", sb->updated_at);
  put_time(o, "lastActivityAt", sb->last_activity_at);
}

static const char *runner(const dl_plane *plane, const dl_sandbox *sb) {
  return sb->state == DL_ARCHIVED ? NULL : plane->runner_id;
}

static void put_toolbox_url(json_t *o, const dl_plane *plane) {
  char *url = dl_view_toolbox_url(plane);
  put_text(o, "toolboxProxyUrl", url ? url : "");
  free(url);
}

char *dl_view_toolbox_url(const dl_plane *plane) {
  dl_strbuf url = {0};
  dl_strbuf_addf(&url, "%s/toolbox", plane->url);
  return dl_strbuf_detach(&url);
}

json_t *dl_view_sandbox(const dl_plane *plane, const dl_sandbox *sb,
                        bool as_inserted) {
  json_t *o = json_object();
  put_text(o, "id", sb->id);
  put_text(o, "organizationId", plane->organization_id);
  put_text(o, "name", sb->name);
  put_text(o, "target", sb->target);
  put_text(o, "snapshot", sb->snapshot);
  put_text(o, "user", sb->user);
  put_object(o, "env", sb->env);
  put_resources(o, sb);
  put(o, "public", json_boolean(sb->is_public));
  put(o, "networkBlockAll", json_boolean(sb->network_block_all));
  put_optional(o, "networkAllowList", NULL, as_inserted);
  put_optional(o, "domainAllowList", NULL, as_inserted);
  if (sb->outbound_proxy_url)
    put_text(o, "outboundProxyUrl", sb->outbound_proxy_url);
  put_object(o, "labels", sb->labels);
  put(o, "volumes", dl_mounts_read(plane->store, sb->id));
  put_states(o, sb, false);
  put_optional(o, "errorReason", sb->error_reason, as_inserted);
  put(o, "recoverable", json_boolean(sb->recoverable));
  put_text(o, "backupState", "None");
  put_optional(o, "backupCreatedAt", NULL, as_inserted);
  put_intervals(o, sb);
  put_pool(o, sb);
  put_text(o, "sandboxClass", "container");
  put_times(o, sb);
  put_optional(o, "daemonVersion", sb->daemon_version, as_inserted);
  put_text(o, "runnerId", runner(plane, sb));
  put_optional(o, "linkedSandboxId", sb->linked_sandbox_id, as_inserted);
  put_toolbox_url(o, plane);
  return o;
}

json_t *dl_view_item(const dl_plane *plane, const dl_sandbox *sb) {
  json_t *o = json_object();
  put_text(o, "id", sb->id);
  put_text(o, "organizationId", plane->organization_id);
  put_text(o, "name", sb->name);
  put_text(o, "target", sb->target);
  put_text(o, "runnerId", runner(plane, sb));
  put_text(o, "sandboxClass", "container");
  put_states(o, sb, true);
  put_text(o, "snapshot", sb->snapshot);
  put_text(o, "user", sb->user);
  put_text(o, "errorReason", sb->error_reason);
  put(o, "recoverable", json_boolean(sb->recoverable));
  put(o, "public", json_boolean(sb->is_public));
  if (!dl_as_now()->no_newer)
    put(o, "networkBlockAll", json_boolean(sb->network_block_all));
  put_resources(o, sb);
  put_object(o, "labels", sb->labels);
  put_text(o, "backupState", "None");
  put_intervals(o, sb);
  put_pool(o, sb);
  put_times(o, sb);
  put_text(o, "daemonVersion", sb->daemon_version);
  put_toolbox_url(o, plane);
  return o;
}
