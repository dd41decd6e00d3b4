#include "volumes.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* The rows that `tail` selects, its `?` taken from `values`: a new array of
 * objects by column, NULL after an error (which is on stderr). */
json_t *dl_volumes_rows(dl_plane *plane, const char *tail,
                        const json_t *values) {
  dl_strbuf sql = {0};
  json_t *rows = NULL;
  dl_strbuf_addf(&sql,
                 "SELECT id, name, state, error_reason, created_at, updated_at,"
                 " last_used_at FROM volumes %s",
                 tail);
  if (!sql.failed)
    rows = dl_store_rows(plane->store, sql.data, values);
  dl_strbuf_free(&sql);
  return rows;
}

/* The first row that `tail` selects, with `key` for each `?1`. *out is new.
 * DL_STORE_*. */
int dl_volumes_find(dl_plane *plane, const char *tail, const char *key,
                    json_t **out) {
  json_t *values = json_pack("[s]", key);
  json_t *rows = dl_volumes_rows(plane, tail, values);
  int found = rows ? DL_STORE_NONE : DL_STORE_ERROR;
  *out = json_incref(json_array_get(rows, 0));
  json_decref(rows);
  json_decref(values);
  return *out ? DL_STORE_FOUND : found;
}

/* Notes a new volume, which dl_volumes_settle is to make. `name`: NULL for its
 * id. *out is its row, new. 0, or -1. */
int dl_volumes_add(dl_plane *plane, const char *name, json_t **out) {
  char id[DL_CRYPTO_UUID];
  *out = NULL;
  if (dl_crypto_uuid(id))
    return -1;
  json_t *values = json_pack("[s,s,I]", id, name ? name : id,
                             (json_int_t)dl_plane_now(plane));
  int rc = values
               ? dl_store_change(
                     plane->store,
                     "INSERT INTO volumes (id, name, state, created_at,"
                     " updated_at) VALUES (?1, ?2, 'pending_create', ?3, ?3)",
                     values)
               : -1;
  json_decref(values);
  if (rc)
    return -1;
  return dl_volumes_find(plane, "WHERE id = ?1", id, out) == DL_STORE_FOUND
             ? 0
             : -1;
}

/* The name of a sandbox that has the volume, to be freed. DL_STORE_*. */
int dl_volumes_user(dl_plane *plane, const char *id, char **out) {
  json_t *values = json_pack("[s]", id);
  int found = dl_store_text(plane->store,
                            "SELECT s.name FROM mounts AS m JOIN sandboxes AS s"
                            " ON s.id = m.sandbox_id WHERE m.volume_id = ?1"
                            " AND s.desired_state <> 'destroyed' LIMIT 1",
                            values, out);
  json_decref(values);
  return found;
}

static int change(dl_plane *plane, const char *sql, const char *id,
                  const char *why) {
  json_t *values =
      json_pack("[s,I,s*]", id, (json_int_t)dl_plane_now(plane), why);
  int rc = values ? dl_store_change(plane->store, sql, values) : -1;
  json_decref(values);
  return rc;
}

/* Notes that the volume is to be deleted. 0, or -1. */
int dl_volumes_remove(dl_plane *plane, const char *id) {
  return change(plane,
                "UPDATE volumes SET state = 'pending_delete', updated_at = ?2"
                " WHERE id = ?1",
                id, NULL);
}

/* Notes that a sandbox begins to use it. 0, or -1. */
int dl_volumes_used(dl_plane *plane, const char *id) {
  return change(plane, "UPDATE volumes SET last_used_at = ?2 WHERE id = ?1", id,
                NULL);
}

static void make(dl_plane *plane, const char *id) {
  dl_strbuf path = {0};
  int rc = -1;
  dl_strbuf_addf(&path, "volumes/%s", id);
  errno = ENOMEM;
  if (!path.failed) {
    rc = mkdirat(plane->dir.fd, path.data, 0755);
    if (rc && errno == ENOSPC && dl_reserve_release(&plane->reserve))
      rc = mkdirat(plane->dir.fd, path.data, 0755);
    if (rc && errno == EEXIST)
      rc = 0;
  }
  dl_strbuf_free(&path);
  if (rc)
    change(plane,
           "UPDATE volumes SET state = 'error', updated_at = ?2,"
           " error_reason = ?3 WHERE id = ?1",
           id, strerror(errno));
  else
    change(plane,
           "UPDATE volumes SET state = 'ready', updated_at = ?2"
           " WHERE id = ?1",
           id, NULL);
}

/* A volume that is gone keeps its row under another name. */
static void unmake(dl_plane *plane, const char *id) {
  if (dl_plane_discard(plane, "volumes", id) == 0)
    change(plane,
           "UPDATE volumes SET state = 'deleted', updated_at = ?2,"
           " name = name || '-deleted' WHERE id = ?1",
           id, NULL);
}

/* Makes what is to be made, and throws away what is to be deleted and no
 * sandbox uses any more: one that is being destroyed may still write. */
void dl_volumes_settle(dl_plane *plane) {
  json_t *rows = dl_volumes_rows(
      plane,
      "AS v WHERE state IN ('pending_create', 'pending_delete') AND"
      " (state = 'pending_create' OR NOT EXISTS (SELECT 1 FROM mounts AS m"
      " JOIN sandboxes AS s ON s.id = m.sandbox_id WHERE m.volume_id = v.id"
      " AND s.state <> 'error'))",
      NULL);
  json_t *row;
  size_t i;
  json_array_foreach(rows, i, row) {
    const char *id = json_string_value(json_object_get(row, "id"));
    const char *state = json_string_value(json_object_get(row, "state"));
    if (strcmp(state, "pending_create") == 0)
      make(plane, id);
    else
      unmake(plane, id);
  }
  json_decref(rows);
}
