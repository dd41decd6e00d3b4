#include "snapshots.h"

#include "catalog.h"
#include "image.h"
#include "origins.h"

static int change(dl_plane *plane, const char *sql, json_t *values) {
  int rc = values ? dl_store_change(plane->store, sql, values) : -1;
  json_decref(values);
  return rc;
}

void dl_snapshots_open(dl_plane *plane) {
  const dl_snapshot *s;
  for (s = dl_catalog_snapshots; s->id; s++)
    change(plane,
           "INSERT INTO snapshots (id, name, state, cpu, memory, disk,"
           " created_at, updated_at) VALUES (?1, ?2, 'active', ?3, ?4, ?5,"
           " ?6, ?6) ON CONFLICT DO NOTHING",
           json_pack("[s,s,I,I,I,I]", s->id, s->name, (json_int_t)s->cpu,
                     (json_int_t)s->memory, (json_int_t)s->disk,
                     (json_int_t)plane->since));
}

json_t *dl_snapshots_rows(dl_plane *plane, const char *tail,
                          const json_t *values) {
  dl_strbuf sql = {0};
  json_t *rows = NULL;
  dl_strbuf_addf(&sql,
                 "SELECT id, name, state, image_name, entrypoint, size, cpu,"
                 " memory, disk, error_reason, source_sandbox_id, created_at,"
                 " updated_at, last_used_at FROM snapshots %s",
                 tail);
  if (!sql.failed)
    rows = dl_store_rows(plane->store, sql.data, values);
  dl_strbuf_free(&sql);
  return rows;
}

int dl_snapshots_find(dl_plane *plane, const char *key, json_t **out) {
  json_t *values = json_pack("[s]", key);
  json_t *rows = dl_snapshots_rows(
      plane, "WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1 LIMIT 1", values);
  int found = rows ? DL_STORE_NONE : DL_STORE_ERROR;
  *out = json_incref(json_array_get(rows, 0));
  json_decref(rows);
  json_decref(values);
  return *out ? DL_STORE_FOUND : found;
}

int dl_snapshots_add(dl_plane *plane, const dl_snapshot_row *row,
                     char id[DL_CRYPTO_UUID]) {
  if (dl_crypto_uuid(id))
    return -1;
  return change(
      plane,
      "INSERT INTO snapshots (id, name, state, image_name, entrypoint,"
      " source_sandbox_id, cpu, memory, disk, created_at, updated_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
      json_pack("[s,s,s,s?,s?,s?,I,I,I,I]", id, row->name, row->state,
                row->image, row->entrypoint, row->source, (json_int_t)row->cpu,
                (json_int_t)row->memory, (json_int_t)row->disk,
                (json_int_t)dl_plane_now(plane)));
}

int dl_snapshots_become(dl_plane *plane, const char *id, const char *state,
                        int64_t size, const char *why) {
  json_t *bytes = size < 0 ? json_null() : json_integer((json_int_t)size);
  plane->pools_changed = true;
  dl_plane_wake(plane);
  return change(plane,
                "UPDATE snapshots SET state = ?2, updated_at = ?3,"
                " error_reason = ?4, size = coalesce(?5, size) WHERE id = ?1",
                json_pack("[s,s,I,s?,o]", id, state,
                          (json_int_t)dl_plane_now(plane), why, bytes));
}

int dl_snapshots_used(dl_plane *plane, const char *id) {
  return change(plane, "UPDATE snapshots SET last_used_at = ?2 WHERE id = ?1",
                json_pack("[s,I]", id, (json_int_t)dl_plane_now(plane)));
}

int dl_snapshots_remove(dl_plane *plane, const char *id) {
  if (dl_snapshots_become(plane, id, "removing", -1, NULL) ||
      dl_plane_discard(plane, "snapshots", id))
    return -1;
  return change(plane, "DELETE FROM snapshots WHERE id = ?1",
                json_pack("[s]", id));
}

bool dl_snapshots_general(const json_t *row) {
  return dl_catalog_snapshot(json_string_value(json_object_get(row, "id"))) !=
         NULL;
}

bool dl_snapshots_has_files(const json_t *row) {
  return json_object_get(row, "source_sandbox_id") != NULL;
}

const char *dl_snapshots_image(const json_t *row) {
  return json_string_value(json_object_get(row, "image_name"));
}

int dl_snapshots_give(dl_plane *plane, dl_sandbox *sb, const json_t *row) {
  const char *id = json_string_value(json_object_get(row, "id"));
  const char *image = dl_snapshots_image(row);
  if (dl_snapshots_general(row))
    return 0;
  if (image && dl_image_say(&sb->labels, image))
    return -1;
  return dl_snapshots_used(plane, id) ||
         dl_origins_write(
             plane->store, sb->id, dl_snapshots_has_files(row) ? id : NULL,
             NULL, json_string_value(json_object_get(row, "entrypoint")));
}
