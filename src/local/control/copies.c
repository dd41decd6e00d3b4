#include "copies.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "copier.h"
#include "limits.h"
#include "origins.h"
#include "snapshots.h"

/* What a sandbox may hold when it is copied: its disk, and what uploads, which
 * are counted and not refused, may have brought meanwhile. */
static int64_t most(const dl_sandbox *sb) {
  return sb->disk * DL_LIMITS_GIB + sb->disk * DL_LIMITS_GIB / 8;
}

static int begin(dl_plane *plane, dl_sandbox *sb, dl_state state) {
  sb->state = state;
  sb->pending = 1;
  return dl_plane_save(plane, sb);
}

int dl_copies_snapshot(dl_plane *plane, dl_sandbox *sb, const char *id) {
  if (begin(plane, sb, DL_SNAPSHOTTING))
    return -1;
  return dl_copier_add(plane->copier, id, "sandboxes", sb->id, "snapshots",
                       most(sb));
}

int dl_copies_fork(dl_plane *plane, dl_sandbox *parent, dl_sandbox *child) {
  if (begin(plane, parent, DL_FORKING))
    return -1;
  return dl_copier_add(plane->copier, child->id, "sandboxes", parent->id,
                       "sandboxes", most(parent));
}

static bool is_there(const dl_plane *plane, const char *directory,
                     const char *id) {
  dl_strbuf path = {0};
  bool there = false;
  dl_strbuf_addf(&path, "%s/%s", directory, id);
  if (!path.failed)
    there = faccessat(plane->dir.fd, path.data, F_OK, 0) == 0;
  dl_strbuf_free(&path);
  return there;
}

static dl_copies_home copy_snapshot(dl_plane *plane, const dl_sandbox *sb,
                                    const char *snapshot) {
  if (!is_there(plane, "snapshots", snapshot) ||
      dl_copier_add(plane->copier, sb->id, "snapshots", snapshot, "sandboxes",
                    INT64_MAX))
    return DL_HOME_MISSING;
  return DL_HOME_COPIED;
}

dl_copies_home dl_copies_home_of(dl_plane *plane, const dl_sandbox *sb) {
  dl_copies_home home = DL_HOME_THERE;
  if (dl_copier_has(plane->copier, sb->id))
    return DL_HOME_COPIED;
  if (is_there(plane, "sandboxes", sb->id) ||
      is_there(plane, "archive", sb->id))
    return DL_HOME_THERE;
  json_t *origin = dl_origins_read(plane->store, sb->id);
  const char *snapshot =
      json_string_value(json_object_get(origin, "snapshot_id"));
  if (snapshot)
    home = copy_snapshot(plane, sb, snapshot);
  else if (json_object_get(origin, "parent_id"))
    home = DL_HOME_MISSING;
  json_decref(origin);
  return home;
}

/* The sandbox of which a copy was made goes on. */
static void release(dl_plane *plane, const char *id) {
  dl_sandbox sb = {0};
  if (dl_store_get(plane->store, id, &sb) != DL_STORE_FOUND)
    return;
  if (sb.state == DL_SNAPSHOTTING || sb.state == DL_FORKING)
    dl_plane_move(plane, &sb, sb.desired_state);
  dl_sandbox_clear(&sb);
}

/* A sandbox that gets no home. */
static void fail(dl_plane *plane, const dl_copy_job *job, const char *what,
                 const char *why) {
  dl_sandbox sb = {0};
  dl_strbuf text = {0};
  if (dl_store_get(plane->store, job->key, &sb) != DL_STORE_FOUND)
    return;
  dl_strbuf_addf(&text, "%s cannot be copied: %s", what, why);
  fprintf(stderr, "daytona-local: sandbox %s: %s\n", sb.id,
          text.failed ? why : text.data);
  dl_sandbox_set(&sb.error_reason, text.failed ? why : text.data);
  sb.recoverable = strcmp(job->from_in, "snapshots") == 0 &&
                   sb.desired_state != DL_DESTROYED;
  dl_plane_move(plane, &sb, DL_ERROR);
  dl_strbuf_free(&text);
  dl_sandbox_clear(&sb);
}

static const char *state_of(const json_t *row) {
  const char *state = json_string_value(json_object_get(row, "state"));
  return state ? state : "";
}

static void settle_snapshot(dl_plane *plane, const dl_copy_job *job) {
  json_t *row = NULL;
  int rc = -1;
  if (dl_snapshots_find(plane, job->key, &row) == DL_STORE_FOUND) {
    if (strcmp(state_of(row), "removing") == 0)
      rc = dl_snapshots_remove(plane, job->key);
    else if (job->error)
      rc = dl_snapshots_become(plane, job->key, "error", -1, job->error);
    else
      rc = dl_snapshots_become(plane, job->key, "active", job->bytes, NULL);
  }
  if (job->error)
    fprintf(stderr, "daytona-local: snapshot %s of sandbox %s: %s\n", job->key,
            job->source, job->error);
  else if (rc)
    dl_plane_discard(plane, "snapshots", job->key);
  json_decref(row);
  release(plane, job->source);
}

/* A snapshot that was removed meanwhile may have been copied in part. */
static void settle_home(dl_plane *plane, const dl_copy_job *job) {
  json_t *row = NULL;
  const char *why = job->error;
  if (!why && strcmp(job->from_in, "snapshots") == 0 &&
      (dl_snapshots_find(plane, job->source, &row) != DL_STORE_FOUND ||
       strcmp(state_of(row), "removing") == 0)) {
    why = "it was deleted meanwhile";
    dl_plane_discard(plane, "sandboxes", job->key);
  }
  json_decref(row);
  if (strcmp(job->from_in, "sandboxes") == 0)
    release(plane, job->source);
  if (why)
    fail(plane, job,
         strcmp(job->from_in, "snapshots") == 0 ? "the snapshot" : "the parent",
         why);
}

void dl_copies_settle(dl_plane *plane) {
  dl_copy_job *job;
  while ((job = dl_copier_take(plane->copier))) {
    if (job->error) { /* once more: the reserve makes room for it */
      dl_plane_discard(plane, "copies", job->key);
    }
    if (strcmp(job->into, "snapshots") == 0)
      settle_snapshot(plane, job);
    else
      settle_home(plane, job);
    dl_copy_job_free(job);
  }
}

void dl_copies_recover(dl_plane *plane) {
  json_t *rows = dl_snapshots_rows(
      plane, "WHERE state IN ('snapshotting', 'removing')", NULL);
  json_t *row;
  size_t i;
  json_array_foreach(rows, i, row) {
    const char *id = json_string_value(json_object_get(row, "id"));
    if (strcmp(state_of(row), "removing") == 0) {
      dl_snapshots_remove(plane, id);
      continue;
    }
    dl_plane_discard(plane, "snapshots", id);
    dl_snapshots_become(plane, id, "error", -1,
                        "daytona-local ended while it was being made");
  }
  json_decref(rows);
  dl_origins_sweep(plane->store);
}
