#include "supervisor.h"

#include <stdio.h>

#include "instants.h"

#define MOST_MS 10000
#define LEAST_MS 50
#define PER_MINUTE 6

/* Milliseconds between two looks: ten seconds, less where a minute is
 * short. */
int64_t dl_timers_interval(const dl_plane *plane) {
  int64_t ms = plane->minute_ms / PER_MINUTE;
  if (ms > MOST_MS)
    return MOST_MS;
  return ms < LEAST_MS ? LEAST_MS : ms;
}

/* Gives every sandbox that `tail` selects (?1 now, ?2 the length of a minute)
 * the wish. An ephemeral one is deleted instead of stopped. */
static void apply(dl_plane *plane, const char *tail, dl_state wish) {
  json_t *values = json_pack("[I,I]", (json_int_t)dl_plane_now(plane),
                             (json_int_t)plane->minute_ms);
  json_t *ids = dl_store_ids(plane->store, tail, values);
  json_t *id;
  size_t i;
  dl_sandbox sb = {0};
  json_array_foreach(ids, i, id) {
    bool destroy = wish == DL_DESTROYED;
    if (dl_store_get(plane->store, json_string_value(id), &sb) !=
        DL_STORE_FOUND)
      continue;
    if (wish == DL_STOPPED && dl_sandbox_ephemeral(&sb))
      destroy = true;
    if (!destroy)
      dl_plane_wish(&sb, wish);
    if (!destroy || dl_plane_wish_destroyed(&sb) == 0)
      dl_plane_save(plane, &sb);
    dl_sandbox_clear(&sb);
  }
  json_decref(ids);
  json_decref(values);
}

/* Lets every timer that has run out fire. Locked; the caller looks at the
 * pending rows afterwards. */
void dl_timers_check(dl_plane *plane) {
  dl_reserve_keep(&plane->reserve);
  dl_instants_look(plane);
  apply(plane,
        "WHERE pending = 0 AND desired_state <> 'destroyed'"
        " AND auto_destroy_at > 0 AND auto_destroy_at <= ?1 AND ?2 > 0",
        DL_DESTROYED);
  apply(plane,
        "WHERE pending = 0 AND state = 'started' AND auto_stop_interval > 0"
        " AND last_activity_at + auto_stop_interval * ?2 <= ?1",
        DL_STOPPED);
  apply(plane,
        "WHERE pending = 0 AND state = 'started' AND auto_pause_interval > 0"
        " AND last_activity_at + auto_pause_interval * ?2 <= ?1",
        DL_PAUSED);
  apply(plane,
        "WHERE pending = 0 AND state IN ('stopped', 'archived')"
        " AND auto_delete_interval >= 0"
        " AND stopped_at + auto_delete_interval * ?2 <= ?1",
        DL_DESTROYED);
  apply(plane,
        "WHERE pending = 0 AND state = 'stopped'"
        " AND auto_archive_interval > 0"
        " AND stopped_at + auto_archive_interval * ?2 <= ?1",
        DL_ARCHIVED);
}
