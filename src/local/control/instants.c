#include "instants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* The wall clock may be set at any moment, but what timers count is the time
 * that has passed. So instants are taken from a clock that does not jump, and
 * stored as the wall clock has them: when that was set, all that is stored is
 * moved by as much. The same at a start, as long as the machine was not booted
 * in between; where it was, the wall clock is all there is. */

#define SLEWED_MS 1000 /* less is no jump: the clock is being led */
#define BOOT_ID 36
#define TRIES 3
#define AT_ONCE_MS 100

/* The wall clock less the time since the boot. Both are read at once, which a
 * busy machine may prevent. */
static int64_t wall_offset(void) {
  int64_t before = 0, wall = 0, after = 0;
  for (int i = 0; i < TRIES; i++) {
    before = dl_clock_boot_ms();
    wall = dl_clock_now_ms();
    after = dl_clock_boot_ms();
    if (after - before <= AT_ONCE_MS)
      break;
  }
  return wall - after;
}

static void read_boot_id(char out[BOOT_ID + 1]) {
  FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
  size_t n = f ? fread(out, 1, BOOT_ID, f) : 0;
  if (f)
    fclose(f);
  out[n] = '\0';
}

/* "BOOT OFFSET", to be freed; NULL without memory. */
static char *describe(int64_t offset) {
  char boot[BOOT_ID + 1];
  dl_strbuf text = {0};
  read_boot_id(boot);
  dl_strbuf_addf(&text, "%s %" PRId64, boot, offset);
  return dl_strbuf_detach(&text);
}

/* Moves every instant by `ms`, and notes by which offset they are. 0, or -1
 * with nothing changed. */
static int move_all(dl_plane *plane, int64_t ms, int64_t offset) {
  static const char move[] =
      "UPDATE sandboxes SET created_at = created_at + ?1,"
      " updated_at = updated_at + ?1, last_activity_at = last_activity_at + ?1,"
      " stopped_at = iif(stopped_at > 0, stopped_at + ?1, 0),"
      " auto_destroy_at = iif(auto_destroy_at > 0, auto_destroy_at + ?1, 0)";
  static const char previews[] =
      "UPDATE signed_previews SET expires_at = expires_at + ?1";
  static const char note[] =
      "INSERT INTO meta (key, value) VALUES ('clock', ?1)"
      " ON CONFLICT (key) DO UPDATE SET value = excluded.value";
  char *clock = describe(offset);
  json_t *by = json_pack("[I]", (json_int_t)ms);
  json_t *now = clock ? json_pack("[s]", clock) : NULL;
  int rc = -1;
  if (by && now &&
      dl_store_change(plane->store, "BEGIN IMMEDIATE", NULL) == 0) {
    if ((ms == 0 || (dl_store_change(plane->store, move, by) == 0 &&
                     dl_store_change(plane->store, previews, by) == 0)) &&
        dl_store_change(plane->store, note, now) == 0)
      rc = dl_store_change(plane->store, "COMMIT", NULL);
    if (rc)
      dl_store_change(plane->store, "ROLLBACK", NULL);
  }
  json_decref(by);
  json_decref(now);
  free(clock);
  return rc;
}

/* Without knowing how much time has passed: a row that was written in the
 * future was written now, and all that it waits for is as far away as then. A
 * signed preview that would last longer than any may is void. */
static void bring_back(dl_plane *plane) {
  static const char back[] =
      "UPDATE sandboxes SET created_at = created_at + ?1 - ahead,"
      " updated_at = updated_at + ?1 - ahead,"
      " last_activity_at = last_activity_at + ?1 - ahead,"
      " stopped_at = iif(stopped_at > 0, stopped_at + ?1 - ahead, 0),"
      " auto_destroy_at ="
      " iif(auto_destroy_at > 0, auto_destroy_at + ?1 - ahead, 0)"
      " FROM (SELECT id AS row, max(updated_at, last_activity_at) AS ahead"
      " FROM sandboxes WHERE max(updated_at, last_activity_at) > ?1)"
      " WHERE id = row";
  static const char endless[] =
      "DELETE FROM signed_previews WHERE expires_at > ?1 + 86400000";
  json_t *now = json_pack("[I]", (json_int_t)dl_plane_now(plane));
  dl_store_change(plane->store, back, now);
  dl_store_change(plane->store, endless, now);
  json_decref(now);
}

int dl_instants_open(dl_plane *plane) {
  int64_t offset = wall_offset(), moved = 0;
  char *now = describe(offset);
  char *stored = now ? dl_store_meta(plane->store, "clock", now) : NULL;
  bool booted = stored && strncmp(stored, now, BOOT_ID + 1) != 0;
  int rc = stored ? 0 : -1;
  if (stored && !booted)
    moved = offset - strtoll(stored + BOOT_ID + 1, NULL, 10);
  if (llabs(moved) <= SLEWED_MS)
    moved = 0;
  plane->wall_offset = offset;
  if ((booted || moved != 0) && move_all(plane, moved, offset))
    plane->wall_offset -= moved;
  if (rc == 0)
    bring_back(plane);
  free(now);
  free(stored);
  return rc;
}

void dl_instants_look(dl_plane *plane) {
  int64_t offset = wall_offset();
  int64_t moved = offset - plane->wall_offset;
  if (llabs(moved) > SLEWED_MS) {
    if (move_all(plane, moved, offset))
      return;
    fprintf(stderr,
            "daytona-local: the clock was set by %+" PRId64
            " seconds; what is stored goes with it, and no timer runs out\n",
            moved / 1000);
  }
  plane->wall_offset = offset;
}
