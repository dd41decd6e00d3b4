#include "origins.h"

json_t *dl_origins_read(dl_store *store, const char *sandbox_id) {
  json_t *values = json_pack("[s]", sandbox_id);
  json_t *rows = dl_store_rows(store,
                               "SELECT snapshot_id, parent_id, entrypoint"
                               " FROM origins WHERE sandbox_id = ?1",
                               values);
  json_t *row = json_incref(json_array_get(rows, 0));
  json_decref(rows);
  json_decref(values);
  return row;
}

int dl_origins_write(dl_store *store, const char *sandbox_id,
                     const char *snapshot_id, const char *parent_id,
                     const char *entrypoint) {
  json_t *values =
      json_pack("[s,s?,s?,s?]", sandbox_id, snapshot_id, parent_id, entrypoint);
  int rc = values ? dl_store_change(store,
                                    "INSERT OR REPLACE INTO origins"
                                    " (sandbox_id, snapshot_id, parent_id,"
                                    " entrypoint) VALUES (?1, ?2, ?3, ?4)",
                                    values)
                  : -1;
  json_decref(values);
  return rc;
}

json_t *dl_origins_entrypoint(dl_store *store, const char *sandbox_id) {
  json_t *origin = dl_origins_read(store, sandbox_id);
  const char *text = json_string_value(json_object_get(origin, "entrypoint"));
  json_t *list = text ? json_loads(text, 0, NULL) : NULL;
  json_decref(origin);
  if (json_array_size(list) > 0)
    return list;
  json_decref(list);
  return NULL;
}

void dl_origins_sweep(dl_store *store) {
  dl_store_change(store,
                  "DELETE FROM origins WHERE sandbox_id NOT IN"
                  " (SELECT id FROM sandboxes)",
                  NULL);
}
