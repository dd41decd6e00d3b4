#include "api.h"

#include <ctype.h>
#include <string.h>

#include "as.h"
#include "json_text.h"
#include "copies.h"
#include "mounts.h"
#include "origins.h"
#include "snapshots.h"

/* What is made of a sandbox: snapshots and forks. */

static bool is_pending(dl_http_request *req, const dl_sandbox *sb) {
  if (sb->pending)
    dl_api_fail(req, 409, "Sandbox state change in progress");
  return sb->pending;
}

/* Parts of letters, digits, `_.:-`, with slashes between. */
static bool is_snapshot_name(const char *name) {
  const char *p = name;
  while (*p) {
    if (*p == '/' ? p == name || p[-1] == '/'
                  : !isalnum((unsigned char)*p) && !strchr("_.:-", *p))
      return false;
    p++;
  }
  return p > name && p[-1] != '/';
}

bool dl_api_snapshot_name(dl_http_request *req, dl_plane *plane,
                          const json_t *value) {
  const char *name = json_string_value(value);
  json_t *row = NULL;
  if (!name || strlen(name) != json_string_length(value) ||
      !is_snapshot_name(name)) {
    dl_api_fail(req, 400,
                "Invalid snapshot name format. May contain letters, digits, "
                "dots, colons, and dashes");
    return false;
  }
  int found = dl_snapshots_find(plane, name, &row);
  json_decref(row);
  if (found == DL_STORE_FOUND)
    dl_api_fail(req, 409,
                "Snapshot with name \"%s\" already exists for this "
                "organization",
                name);
  else if (found == DL_STORE_ERROR)
    dl_api_broken(req);
  return found == DL_STORE_NONE;
}

static int note_snapshot(dl_plane *plane, const dl_sandbox *sb,
                         const char *name, char id[DL_CRYPTO_UUID]) {
  json_t *origin = dl_origins_read(plane->store, sb->id);
  dl_snapshot_row row = {
      name,       "snapshotting",
      NULL,       json_string_value(json_object_get(origin, "entrypoint")),
      sb->id,     sb->cpu,
      sb->memory, sb->disk};
  int rc = dl_snapshots_add(plane, &row, id);
  json_decref(origin);
  return rc;
}

static void snapshot(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  json_t *body = dl_http_state(req);
  if (is_pending(req, sb))
    return;
  char id[DL_CRYPTO_UUID];
  if (sb->state != DL_STARTED && sb->state != DL_STOPPED)
    dl_api_fail(req, 400,
                "Sandbox must be in started or stopped state to create a "
                "snapshot");
  else if (json_is_true(dl_fields_get(body, "includeMemory")))
    dl_api_fail(req, 400,
                "includeMemory is only supported for Windows sandboxes");
  else if (!dl_api_snapshot_name(req, plane, dl_fields_get(body, "name")))
    return;
  else if (note_snapshot(plane, sb, dl_fields_text(body, "name"), id) ||
           dl_copies_snapshot(plane, sb, id))
    dl_api_broken(req);
  else
    dl_api_reply(req, 200, plane, sb);
}

/* Checks the body and runs `act`. */
static void with_body(dl_http_request *req, const dl_field *fields,
                      dl_api_action *act) {
  json_t *body = dl_api_keep_body(req);
  dl_strbuf problems = {0};
  if (!body)
    return;
  dl_fields_check(body, fields, &problems);
  if (problems.len > 0)
    dl_api_fail(req, 400, "%s", problems.data);
  else if (dl_api_knows(req, body, fields))
    dl_api_on_sandbox(req, act);
  dl_strbuf_free(&problems);
}

/* POST /sandbox/{id}/snapshot */
void dl_api_snapshot(dl_http_request *req) {
  static const dl_field fields[] = {{"name", DL_FIELD_STRING},
                                    {"includeMemory", DL_FIELD_BOOLEAN},
                                    {NULL, DL_FIELD_STRING}};
  with_body(req, fields, snapshot);
}

/* The child is what its parent is, under an id and a name of its own. */
static int make_child(const dl_plane *plane, const dl_sandbox *sb,
                      const char *name, dl_sandbox *child) {
  char id[DL_CRYPTO_UUID];
  if (dl_crypto_uuid(id))
    return -1;
  *child = *sb;
#define OWN(field) child->field = NULL;
#define PLAIN(field)
  DL_SANDBOX_COLUMNS(OWN, PLAIN, PLAIN)
#undef OWN
#undef PLAIN
  child->created_at = child->last_activity_at = dl_plane_now(plane);
  child->stopped_at = 0;
  child->state = DL_UNKNOWN;
  dl_plane_wish(child, DL_STARTED);
  return dl_sandbox_set(&child->id, id) ||
         dl_sandbox_set(&child->name, name ? name : id) ||
         dl_sandbox_set(&child->target, sb->target) ||
         dl_sandbox_set(&child->snapshot, sb->snapshot) ||
         dl_sandbox_set(&child->user, sb->user) ||
         dl_sandbox_set(&child->env, sb->env) ||
         dl_sandbox_set(&child->labels, sb->labels) ||
         dl_sandbox_set(&child->outbound_proxy_url, sb->outbound_proxy_url) ||
         dl_sandbox_set(&child->linked_sandbox_id, sb->linked_sandbox_id);
}

static int note_child(dl_plane *plane, dl_sandbox *sb, dl_sandbox *child) {
  json_t *origin = dl_origins_read(plane->store, sb->id);
  json_t *mounts = dl_mounts_read(plane->store, sb->id);
  int rc = !mounts || dl_api_keep_mounts(plane, child->id, mounts) ||
           dl_origins_write(
               plane->store, child->id, NULL, sb->id,
               json_string_value(json_object_get(origin, "entrypoint"))) ||
           dl_plane_save(plane, child) || dl_copies_fork(plane, sb, child);
  json_decref(origin);
  json_decref(mounts);
  return rc;
}

static void fork_sandbox(dl_http_request *req, dl_plane *plane,
                         dl_sandbox *sb) {
  const char *name = dl_fields_text(dl_http_state(req), "name");
  dl_sandbox child = {0}, other = {0};
  if (is_pending(req, sb))
    return;
  if (dl_as_now()->no_newer) {
    dl_api_fail(req, 422, "Forking is not supported for this sandbox");
    return;
  }
  if (sb->state != DL_STARTED) {
    dl_api_fail(req, 400, "Sandbox must be in started state to fork");
    return;
  }
  int taken;
  taken =
      name ? dl_store_get_by_name(plane->store, name, &other) : DL_STORE_NONE;
  dl_sandbox_clear(&other);
  if (taken == DL_STORE_FOUND)
    dl_api_fail(req, 409, "Sandbox with this name already exists");
  else if (taken == DL_STORE_ERROR || make_child(plane, sb, name, &child) ||
           note_child(plane, sb, &child))
    dl_api_broken(req);
  else
    dl_api_reply(req, 200, plane, &child);
  dl_sandbox_clear(&child);
}

void dl_api_fork(dl_http_request *req) {
  static const dl_field fields[] = {{"name", DL_FIELD_NAME},
                                    {NULL, DL_FIELD_STRING}};
  with_body(req, fields, fork_sandbox);
}

/* Replies with the sandboxes of those ids that are there, the last one first.
 * Takes the ids. */
static void reply_reversed(dl_http_request *req, const dl_plane *plane,
                           json_t *ids) {
  dl_strbuf list = {0};
  dl_json_open(&list, NULL, '[');
  for (size_t i = json_array_size(ids); i-- > 0;) {
    const char *id = json_string_value(json_array_get(ids, i));
    dl_sandbox sb = {0};
    if (dl_store_get(plane->store, id, &sb) == DL_STORE_FOUND)
      dl_view_sandbox(&list, plane, &sb, false);
    dl_sandbox_clear(&sb);
  }
  dl_json_close(&list, ']');
  json_decref(ids);
  dl_http_reply_json_text(req, 200, &list);
}

#define CHILDREN                                                               \
  "WHERE id IN (SELECT sandbox_id FROM origins WHERE parent_id = ?1)"          \
  " AND desired_state <> 'destroyed'"

static void forks(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  json_t *values = json_pack("[s]", sb->id);
  json_t *ids = dl_store_ids(
      plane->store, CHILDREN " ORDER BY created_at DESC, id LIMIT 100", values);
  json_decref(values);
  reply_reversed(req, plane, ids);
}

void dl_api_forks(dl_http_request *req) {
  dl_api_on_sandbox(req, forks);
}

/* The id of the sandbox's parent, to be freed; NULL without one. */
static char *parent_of(const dl_plane *plane, const char *id) {
  json_t *origin = dl_origins_read(plane->store, id);
  const char *parent = json_string_value(json_object_get(origin, "parent_id"));
  char *copy = parent ? strdup(parent) : NULL;
  json_decref(origin);
  return copy;
}

/* One generation at a time, as long as they are there: who is not has no
 * parent. */
static void ancestors(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  json_t *ids = json_array();
  char *id = parent_of(plane, sb->id);
  while (id && json_array_append_new(ids, json_string(id)) == 0) {
    char *next = parent_of(plane, id);
    free(id);
    id = next;
  }
  free(id);
  reply_reversed(req, plane, ids);
}

void dl_api_ancestors(dl_http_request *req) {
  dl_api_on_sandbox(req, ancestors);
}

static void parent(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  dl_sandbox found = {0};
  char *id = parent_of(plane, sb->id);
  if (id && dl_store_get(plane->store, id, &found) == DL_STORE_FOUND)
    dl_api_reply(req, 200, plane, &found);
  else
    dl_api_fail(req, 404, "Parent sandbox not found for sandbox %s",
                dl_http_param(req, "id"));
  dl_sandbox_clear(&found);
  free(id);
}

void dl_api_parent(dl_http_request *req) {
  dl_api_on_sandbox(req, parent);
}

bool dl_api_has_forks(dl_http_request *req, dl_plane *plane,
                      const dl_sandbox *sb) {
  json_t *values = json_pack("[s]", sb->id);
  int64_t n = dl_store_count(plane->store, CHILDREN, values);
  json_decref(values);
  if (n > 0)
    dl_api_fail(req, 400,
                "Cannot delete sandbox which has active fork children. The "
                "forks must be deleted first.");
  else if (n < 0)
    dl_api_broken(req);
  return n != 0;
}

static void backup(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  if (dl_as_now()->no_newer)
    dl_api_unsupported(req, "Backing up a sandbox is");
  else if (dl_sandbox_ephemeral(sb))
    dl_api_fail(req, 400, "Ephemeral sandboxes cannot be backed up");
  else
    dl_api_reply(req, 201, plane, sb);
}

void dl_api_backup(dl_http_request *req) {
  dl_api_on_sandbox(req, backup);
}
