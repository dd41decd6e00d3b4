#include "view.h"

#include <stdlib.h>

#include "as.h"
#include "clock.h"
#include "json_text.h"
#include "mounts.h"

/* How a stored sandbox looks on the wire. */

/* An unset value is left out of the answer to create, and null later. */
static void put_optional(dl_strbuf *o, const char *key, const char *value,
                         bool as_inserted) {
  if (value || !as_inserted)
    dl_json_text(o, key, value);
}

json_t *dl_view_time(int64_t ms) {
  if (ms == 0)
    return json_null();
  char text[DL_CLOCK_TEXT];
  dl_clock_iso_ms(ms, text);
  return json_string(text);
}

static void put_time(dl_strbuf *o, const char *key, int64_t ms) {
  char text[DL_CLOCK_TEXT];
  dl_clock_iso_ms(ms, text);
  dl_json_text(o, key, text);
}

/* An object that the row holds as text: whatever is stored there is one, the
 * store sees to it when it is opened. */
static void put_object(dl_strbuf *o, const char *key, const char *text) {
  dl_json_raw(o, key, text ? text : "{}");
}

static void put_volumes(dl_strbuf *o, const dl_plane *plane,
                        const dl_sandbox *sb) {
  json_t *mounts = dl_mounts_read(plane->store, sb->id);
  char *text = NULL;
  if (mounts && json_array_size(mounts) == 0)
    dl_json_raw(o, "volumes", "[]");
  else if (mounts && (text = json_dumps(mounts, JSON_COMPACT)))
    dl_json_raw(o, "volumes", text);
  free(text);
  json_decref(mounts);
}

static void put_states(dl_strbuf *o, const dl_sandbox *sb, bool in_list) {
  dl_state shown = dl_sandbox_shown_state(sb, in_list);
  dl_json_text(o, "state", dl_sandbox_state_name(shown));
  dl_json_text(o, "desiredState", dl_sandbox_state_name(sb->desired_state));
}

static void put_resources(dl_strbuf *o, const dl_sandbox *sb) {
  dl_json_integer(o, "cpu", sb->cpu);
  dl_json_integer(o, "gpu", sb->gpu);
  dl_json_integer(o, "memory", sb->memory);
  dl_json_integer(o, "disk", sb->disk);
}

static void put_intervals(dl_strbuf *o, const dl_sandbox *sb) {
  dl_json_integer(o, "autoStopInterval", sb->auto_stop_interval);
  if (!dl_as_now()->no_newer)
    dl_json_integer(o, "autoPauseInterval", sb->auto_pause_interval);
  dl_json_integer(o, "autoArchiveInterval", sb->auto_archive_interval);
  dl_json_integer(o, "autoDeleteInterval", sb->auto_delete_interval);
  if (sb->auto_destroy_at > 0)
    put_time(o, "autoDestroyAt", sb->auto_destroy_at);
}

/* Only of one that nobody has taken. */
static void put_pool(dl_strbuf *o, const dl_sandbox *sb) {
  if (sb->warm_pool_id)
    dl_json_text(o, "warmPoolId", sb->warm_pool_id);
}

static void put_times(dl_strbuf *o, const dl_sandbox *sb) {
  put_time(o, "createdAt", sb->created_at);
  put_time(o, "updatedAt", sb->updated_at);
  put_time(o, "lastActivityAt", sb->last_activity_at);
}

static const char *runner(const dl_plane *plane, const dl_sandbox *sb) {
  return sb->state == DL_ARCHIVED ? NULL : plane->runner_id;
}

void dl_view_sandbox(dl_strbuf *o, const dl_plane *plane, const dl_sandbox *sb,
                     bool as_inserted) {
  dl_json_open(o, NULL, '{');
  dl_json_text(o, "id", sb->id);
  dl_json_text(o, "organizationId", plane->organization_id);
  dl_json_text(o, "name", sb->name);
  dl_json_text(o, "target", sb->target);
  dl_json_text(o, "snapshot", sb->snapshot);
  dl_json_text(o, "user", sb->user);
  put_object(o, "env", sb->env);
  put_resources(o, sb);
  dl_json_boolean(o, "public", sb->is_public);
  dl_json_boolean(o, "networkBlockAll", sb->network_block_all);
  put_optional(o, "networkAllowList", NULL, as_inserted);
  put_optional(o, "domainAllowList", NULL, as_inserted);
  if (sb->outbound_proxy_url)
    dl_json_text(o, "outboundProxyUrl", sb->outbound_proxy_url);
  put_object(o, "labels", sb->labels);
  put_volumes(o, plane, sb);
  put_states(o, sb, false);
  put_optional(o, "errorReason", sb->error_reason, as_inserted);
  dl_json_boolean(o, "recoverable", sb->recoverable);
  dl_json_text(o, "backupState", "None");
  put_optional(o, "backupCreatedAt", NULL, as_inserted);
  put_intervals(o, sb);
  put_pool(o, sb);
  dl_json_text(o, "sandboxClass", "container");
  put_times(o, sb);
  put_optional(o, "daemonVersion", sb->daemon_version, as_inserted);
  dl_json_text(o, "runnerId", runner(plane, sb));
  put_optional(o, "linkedSandboxId", sb->linked_sandbox_id, as_inserted);
  dl_json_text(o, "toolboxProxyUrl", plane->toolbox_url);
  dl_json_close(o, '}');
}

void dl_view_item(dl_strbuf *o, const dl_plane *plane, const dl_sandbox *sb) {
  dl_json_open(o, NULL, '{');
  dl_json_text(o, "id", sb->id);
  dl_json_text(o, "organizationId", plane->organization_id);
  dl_json_text(o, "name", sb->name);
  dl_json_text(o, "target", sb->target);
  dl_json_text(o, "runnerId", runner(plane, sb));
  dl_json_text(o, "sandboxClass", "container");
  put_states(o, sb, true);
  dl_json_text(o, "snapshot", sb->snapshot);
  dl_json_text(o, "user", sb->user);
  dl_json_text(o, "errorReason", sb->error_reason);
  dl_json_boolean(o, "recoverable", sb->recoverable);
  dl_json_boolean(o, "public", sb->is_public);
  if (!dl_as_now()->no_newer)
    dl_json_boolean(o, "networkBlockAll", sb->network_block_all);
  put_resources(o, sb);
  put_object(o, "labels", sb->labels);
  dl_json_text(o, "backupState", "None");
  put_intervals(o, sb);
  put_pool(o, sb);
  put_times(o, sb);
  dl_json_text(o, "daemonVersion", sb->daemon_version);
  dl_json_text(o, "toolboxProxyUrl", plane->toolbox_url);
  dl_json_close(o, '}');
}
