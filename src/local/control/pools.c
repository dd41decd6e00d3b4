#include "pools.h"

#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "snapshots.h"

/* Warm pools: sandboxes that run before somebody wants one. Each is an
 * ephemeral sandbox with the id of its pool, which lists do not show; who
 * takes it makes it an own one. It holds nothing, so whatever happens to it,
 * it is removed, and another one takes its place. Everything here is locked. */

#define MOST_STARTING 4 /* at a time, lest others wait for the machine */

static int64_t count(dl_plane *plane, const char *tail, const char *pool) {
  json_t *values = json_pack("[s*]", pool);
  int64_t n = dl_store_count(plane->store, tail, values);
  json_decref(values);
  return n;
}

/* Takes `values`. */
static void change(dl_plane *plane, const char *sql, json_t *values) {
  if (values)
    dl_store_change(plane->store, sql, values);
  json_decref(values);
}

static void note_error(dl_plane *plane, const char *pool, const char *why) {
  change(plane, "UPDATE warm_pools SET error_reason = ? WHERE id = ?",
         json_pack("[s,s]", why, pool));
}

void dl_pools_ready(dl_plane *plane, const dl_sandbox *sb) {
  change(plane,
         "UPDATE warm_pools SET error_reason = NULL WHERE id = ?"
         " AND error_reason IS NOT NULL",
         json_pack("[s]", sb->warm_pool_id));
  plane->pools_changed = true;
}

/* Removes the members that `tail` selects. What became of those in error is
 * noted, and their pools go to `broken`. */
static void retire(dl_plane *plane, const char *tail, const json_t *values,
                   json_t *broken) {
  json_t *ids = dl_store_ids(plane->store, tail, values), *id;
  dl_sandbox sb = {0};
  size_t i;
  json_array_foreach(ids, i, id) {
    if (dl_store_get(plane->store, json_string_value(id), &sb) !=
        DL_STORE_FOUND)
      continue;
    if (sb.state == DL_ERROR && sb.error_reason) {
      note_error(plane, sb.warm_pool_id, sb.error_reason);
      json_object_set_new(broken, sb.warm_pool_id, json_true());
    }
    if (dl_plane_wish_destroyed(&sb) == 0)
      dl_plane_save(plane, &sb);
    dl_sandbox_clear(&sb);
  }
  json_decref(ids);
}

static int64_t size_of(const json_t *snapshot, const char *name) {
  return json_integer_value(json_object_get(snapshot, name));
}

static int make_member(dl_plane *plane, const char *pool, const char *target,
                       const json_t *snapshot) {
  const char *name = json_string_value(json_object_get(snapshot, "name"));
  dl_sandbox sb = {0};
  char id[DL_CRYPTO_UUID];
  int rc = -1;
  if (dl_crypto_uuid(id) == 0 && dl_sandbox_set(&sb.id, id) == 0 &&
      dl_sandbox_set(&sb.name, id) == 0 &&
      dl_sandbox_set(&sb.target, target) == 0 &&
      dl_sandbox_set(&sb.snapshot, name) == 0 &&
      dl_sandbox_set(&sb.user, "daytona") == 0 &&
      dl_sandbox_set(&sb.env, "{}") == 0 &&
      dl_sandbox_set(&sb.labels, "{}") == 0 &&
      dl_sandbox_set(&sb.warm_pool_id, pool) == 0) {
    sb.cpu = size_of(snapshot, "cpu");
    sb.memory = size_of(snapshot, "memory");
    sb.disk = size_of(snapshot, "disk");
    sb.created_at = sb.last_activity_at = dl_plane_now(plane);
    sb.state = DL_UNKNOWN;
    dl_plane_wish(&sb, DL_STARTED);
    rc = dl_snapshots_give(plane, &sb, snapshot) || dl_plane_save(plane, &sb);
  }
  dl_sandbox_clear(&sb);
  return rc;
}

/* The snapshot of that name, new, if sandboxes can be made of it. DL_STORE_*:
 * DL_STORE_NONE if not. */
static int find_active(dl_plane *plane, const char *name, json_t **out) {
  int found = dl_snapshots_find(plane, name, out);
  const char *state = json_string_value(json_object_get(*out, "state"));
  if (found != DL_STORE_FOUND || (state && strcmp(state, "active") == 0))
    return found;
  json_decref(*out);
  *out = NULL;
  return DL_STORE_NONE;
}

/* Brings one pool to its size; to none where its snapshot cannot be used. Those
 * that are too many are the youngest. */
static void fit(dl_plane *plane, const json_t *pool) {
  static const char starting[] =
      "WHERE warm_pool_id IS NOT NULL AND desired_state = 'started'"
      " AND pending = 1";
  const char *id = json_string_value(json_object_get(pool, "id"));
  const char *name = json_string_value(json_object_get(pool, "snapshot"));
  const char *target = json_string_value(json_object_get(pool, "target"));
  int64_t wanted = json_integer_value(json_object_get(pool, "pool"));
  int64_t there =
      count(plane, "WHERE warm_pool_id = ? AND desired_state = 'started'", id);
  json_t *snapshot = NULL;
  if (find_active(plane, name, &snapshot) == DL_STORE_ERROR)
    return; /* which says nothing about the members */
  if (!snapshot && wanted > 0) {
    wanted = 0;
    note_error(plane, id, "Its snapshot is not there, or not active");
  }
  if (there > wanted) {
    json_t *values = json_pack("[s,I]", id, (json_int_t)(there - wanted));
    retire(plane,
           "WHERE id IN (SELECT id FROM sandboxes WHERE warm_pool_id = ? AND"
           " desired_state = 'started' ORDER BY created_at DESC LIMIT ?)",
           values, NULL);
    json_decref(values);
  }
  while (snapshot && there >= 0 && there < wanted &&
         count(plane, starting, NULL) < MOST_STARTING &&
         make_member(plane, id, target, snapshot) == 0)
    there++;
  json_decref(snapshot);
}

void dl_pools_fill(dl_plane *plane) {
  static const char useless[] =
      "WHERE warm_pool_id IS NOT NULL AND desired_state <> 'destroyed' AND"
      " (warm_pool_id NOT IN (SELECT id FROM warm_pools)"
      " OR (pending = 0 AND state <> 'started') OR desired_state <> 'started'"
      " OR (SELECT snapshot_id FROM origins WHERE sandbox_id = sandboxes.id)"
      " NOT IN (SELECT id FROM snapshots))";
  json_t *broken = json_object(), *pools, *pool;
  size_t i;
  plane->pools_changed = false;
  retire(plane, useless, NULL, broken);
  pools = dl_store_rows(
      plane->store, "SELECT id, snapshot, target, pool FROM warm_pools", NULL);
  json_array_foreach(pools, i, pool) {
    if (!json_object_get(broken,
                         json_string_value(json_object_get(pool, "id"))))
      fit(plane, pool);
  }
  json_decref(pools);
  json_decref(broken);
}

/* Only what a member cannot become by itself matters. */
static bool can_be_warm(const dl_sandbox *sb) {
  return strcmp(sb->env, "{}") == 0 && !sb->network_block_all &&
         !sb->outbound_proxy_url;
}

/* What the sandbox that is wanted has of its own. */
static int hand_over(dl_sandbox *member, const dl_sandbox *sb) {
  bool named = strcmp(sb->name, sb->id) != 0;
  if ((named && dl_sandbox_set(&member->name, sb->name)) ||
      dl_sandbox_set(&member->labels, sb->labels) ||
      dl_sandbox_set(&member->linked_sandbox_id, sb->linked_sandbox_id) ||
      dl_sandbox_set(&member->warm_pool_id, NULL))
    return -1;
  member->is_public = sb->is_public;
  member->auto_stop_interval = sb->auto_stop_interval;
  member->auto_pause_interval = sb->auto_pause_interval;
  member->auto_archive_interval = sb->auto_archive_interval;
  member->auto_delete_interval = sb->auto_delete_interval;
  member->auto_destroy_at = sb->auto_destroy_at;
  member->created_at = sb->created_at;
  member->last_activity_at = sb->last_activity_at;
  return 0;
}

bool dl_pools_take(dl_plane *plane, dl_sandbox *sb, const json_t *source) {
  const char *snapshot = json_string_value(json_object_get(source, "id"));
  const char *image = dl_snapshots_image(source);
  json_t *values = json_pack("[s,s,s?]", sb->snapshot, sb->target,
                             dl_snapshots_has_files(source) ? snapshot : NULL);
  json_t *ids = NULL;
  const char *id = NULL;
  dl_sandbox member = {0};
  bool taken = false;
  if (can_be_warm(sb))
    ids = dl_store_ids(plane->store,
                       "WHERE warm_pool_id IN (SELECT id FROM warm_pools"
                       " WHERE snapshot = ?1 AND target = ?2) AND pending = 0"
                       " AND state = 'started' AND (SELECT snapshot_id FROM"
                       " origins WHERE sandbox_id = sandboxes.id) IS ?3"
                       " ORDER BY created_at LIMIT 1",
                       values);
  id = json_string_value(json_array_get(ids, 0));
  if (id && dl_store_get(plane->store, id, &member) == DL_STORE_FOUND)
    taken = hand_over(&member, sb) == 0 &&
            (!image || dl_image_say(&member.labels, image) == 0) &&
            (dl_snapshots_general(source) ||
             dl_snapshots_used(plane, snapshot) == 0) &&
            dl_plane_save(plane, &member) == 0;
  if (taken) {
    dl_sandbox_clear(sb);
    *sb = member;
    plane->pools_changed = true;
    dl_plane_wake(plane);
  }
  else
    dl_sandbox_clear(&member);
  json_decref(ids);
  json_decref(values);
  return taken;
}
