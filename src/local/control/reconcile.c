#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "as.h"
#include "copier.h"
#include "copies.h"
#include "pools.h"
#include "series.h"
#include "mounts.h"
#include "snapshots.h"
#include "still.h"
#include "volumes.h"

/* Brings sandboxes to the state that is wished. Everything here is locked. */

static void fail(dl_plane *plane, dl_sandbox *sb, const char *why) {
  fprintf(stderr, "daytona-local: sandbox %s: %s\n", sb->id, why);
  dl_sandbox_set(&sb->error_reason, why);
  sb->recoverable = sb->desired_state != DL_DESTROYED;
  dl_plane_move(plane, sb, DL_ERROR);
}

static void fail_errno(dl_plane *plane, dl_sandbox *sb, const char *what) {
  dl_strbuf why = {0};
  dl_strbuf_addf(&why, "%s: %s", what, strerror(errno));
  fail(plane, sb, why.failed ? what : why.data);
  dl_strbuf_free(&why);
}

/* Moves FROM/ID to TO/ID in the data directory. A move that was done before
 * (the server ended between it and its note) is fine. */
static int move_home(dl_plane *plane, const char *from, const char *to,
                     const char *id) {
  dl_strbuf source = {0}, target = {0};
  int rc = -1;
  dl_strbuf_addf(&source, "%s/%s", from, id);
  dl_strbuf_addf(&target, "%s/%s", to, id);
  if (source.failed || target.failed)
    errno = ENOMEM;
  else
    rc = renameat(plane->dir.fd, source.data, plane->dir.fd, target.data);
  if (rc && errno == ENOENT && faccessat(plane->dir.fd, target.data, 0, 0) == 0)
    rc = 0;
  dl_strbuf_free(&source);
  dl_strbuf_free(&target);
  return rc;
}

/* What is stored of a state may have been damaged. */
static bool is_archived(const dl_plane *plane, const dl_sandbox *sb) {
  dl_strbuf path = {0};
  bool archived = sb->state == DL_ARCHIVED;
  dl_strbuf_addf(&path, "archive/%s", sb->id);
  if (!archived && !path.failed)
    archived = faccessat(plane->dir.fd, path.data, F_OK, 0) == 0;
  dl_strbuf_free(&path);
  return archived;
}

static int restore(dl_plane *plane, dl_sandbox *sb) {
  dl_plane_move(plane, sb, DL_RESTORING);
  if (move_home(plane, "archive", "sandboxes", sb->id) == 0)
    return 0;
  fail_errno(plane, sb, "the archived home cannot be restored");
  return -1;
}

/* False: it is being copied, or never will be, which is noted. */
static bool has_home(dl_plane *plane, dl_sandbox *sb) {
  dl_copies_home home = dl_copies_home_of(plane, sb);
  if (home == DL_HOME_MISSING) {
    fail(plane, sb,
         "the copy of its files was not finished and cannot be made any more");
    sb->recoverable = 0;
    dl_plane_save(plane, sb);
  }
  else if (home == DL_HOME_COPIED && sb->state == DL_UNKNOWN)
    dl_plane_move(plane, sb, DL_CREATING);
  return home == DL_HOME_THERE;
}

static void start(dl_supervisor *s, dl_sandbox *sb) {
  dl_plane *plane = s->plane;
  char token[33];
  dl_worker *worker;
  dl_strbuf why = {0};
  if (!has_home(plane, sb) || (is_archived(plane, sb) && restore(plane, sb)))
    return;
  dl_sandbox_set(&sb->error_reason, NULL);
  sb->recoverable = 0;
  if (dl_crypto_random_hex(token, 32) ||
      dl_sandbox_set(&sb->preview_token, token)) {
    fail(plane, sb, "no preview token could be made");
    return;
  }
  worker = dl_worker_start(plane, sb, &why);
  if (why.len > 0)
    fail(plane, sb, why.data);
  else if (!worker)
    fail_errno(plane, sb, "the sandbox cannot be started");
  dl_strbuf_free(&why);
  if (!worker)
    return;
  dl_workers_add(&s->workers, worker);
  dl_plane_move(plane, sb, sb->state == DL_UNKNOWN ? DL_CREATING : DL_STARTING);
}

static void destroy(dl_plane *plane, dl_sandbox *sb) {
  if (dl_plane_discard(plane, "sandboxes", sb->id) ||
      dl_plane_discard(plane, "archive", sb->id)) {
    fail_errno(plane, sb, "the home cannot be removed");
    return;
  }
  if (sb->warm_pool_id)
    plane->pools_changed = true;
  dl_series_forget(sb->id);
  if (dl_store_delete(plane->store, sb->id) == 0)
    pthread_cond_broadcast(&plane->changed);
}

static void archive(dl_plane *plane, dl_sandbox *sb) {
  if (sb->state != DL_ARCHIVED) {
    dl_plane_move(plane, sb, DL_ARCHIVING);
    if (move_home(plane, "sandboxes", "archive", sb->id)) {
      fail_errno(plane, sb, "the home cannot be archived");
      return;
    }
  }
  dl_plane_move(plane, sb, DL_ARCHIVED);
}

/* A wish other than `started` while the sandbox runs. */
static void end_worker(dl_plane *plane, dl_worker *worker, dl_sandbox *sb) {
  if (sb->desired_state == DL_DESTROYED) {
    if (sb->state != DL_DESTROYING)
      dl_plane_move(plane, sb, DL_DESTROYING);
    if (!worker->killed)
      dl_worker_kill(worker);
    return;
  }
  dl_still_break(plane, worker);
  if (sb->state != DL_STOPPING)
    dl_plane_move(plane, sb, DL_STOPPING);
  if (sb->force_stop && !worker->killed)
    dl_worker_kill(worker);
  else
    dl_worker_stop(worker);
}

/* A sandbox that cannot be frozen goes on. */
static void pause_worker(dl_plane *plane, dl_worker *worker, dl_sandbox *sb) {
  if (sb->state != DL_PAUSING)
    dl_plane_move(plane, sb, DL_PAUSING);
  switch (dl_worker_freeze(worker)) {
    case DL_FREEZE_DONE:
      dl_plane_move(plane, sb, DL_PAUSED);
      break;
    case DL_FREEZE_FAILED:
      fprintf(stderr, "daytona-local: sandbox %s: it cannot be frozen\n",
              sb->id);
      dl_worker_thaw(worker);
      sb->desired_state = DL_STARTED;
      dl_plane_move(plane, sb, DL_STARTED);
      break;
    default:
      break; /* it is on its way */
  }
}

static void resume_worker(dl_plane *plane, dl_worker *worker, dl_sandbox *sb) {
  dl_plane_move(plane, sb, DL_RESUMING);
  dl_worker_thaw(worker);
  dl_plane_move(plane, sb, DL_STARTED);
}

static void reconcile_worker(dl_plane *plane, dl_worker *worker,
                             dl_sandbox *sb) {
  if (sb->desired_state == DL_PAUSED)
    pause_worker(plane, worker, sb);
  else if (sb->desired_state != DL_STARTED)
    end_worker(plane, worker, sb);
  else if (worker->freeze && !worker->still)
    resume_worker(plane, worker, sb);
  else if (sb->state == DL_RESIZING)
    dl_worker_resize(worker, sb);
  /* else it is on its way */
}

static void reconcile(dl_supervisor *s, dl_sandbox *sb) {
  dl_worker *worker = dl_workers_find(&s->workers, sb->id);
  if (worker) {
    reconcile_worker(s->plane, worker, sb);
    return;
  }
  if (dl_copier_reads(s->plane->copier, sb->id)) {
    dl_copier_go(s->plane->copier, sb->id);
    return; /* it is copied */
  }
  switch (sb->desired_state) {
    case DL_STARTED:
      start(s, sb);
      break;
    case DL_STOPPED:
      dl_plane_move(s->plane, sb, DL_STOPPED);
      break;
    case DL_PAUSED:
      fail(s->plane, sb, "the sandbox ended before it was paused");
      break;
    case DL_ARCHIVED:
      archive(s->plane, sb);
      break;
    case DL_DESTROYED:
      destroy(s->plane, sb);
      break;
    default:
      fail(s->plane, sb, "an unknown state was wished");
      break;
  }
}

/* Calls `act` for every row that `tail` selects, each read anew: `act` may
 * change and delete rows. */
static void for_rows(dl_supervisor *s, const char *tail,
                     void (*act)(dl_supervisor *s, dl_sandbox *sb)) {
  json_t *ids = dl_store_ids(s->plane->store, tail, NULL);
  json_t *id;
  size_t i;
  dl_sandbox sb = {0};
  json_array_foreach(ids, i, id) {
    if (dl_store_get(s->plane->store, json_string_value(id), &sb) !=
        DL_STORE_FOUND)
      continue;
    act(s, &sb);
    dl_sandbox_clear(&sb);
  }
  json_decref(ids);
}

/* Works on every sandbox that has not reached what is wished. */
void dl_reconcile_pending(dl_supervisor *s) {
  dl_still_serve(s->plane, &s->workers);
  dl_copies_settle(s->plane);
  for_rows(s, "WHERE pending = 1", reconcile);
  dl_volumes_settle(s->plane);
}

static void recover(dl_supervisor *s, dl_sandbox *sb) {
  dl_plane *plane = s->plane;
  if (sb->warm_pool_id && dl_plane_wish_destroyed(sb) == 0) {
    dl_plane_save(plane, sb);
    return;
  }
  if (sb->desired_state == DL_DESTROYED) {
    dl_plane_wish(sb, DL_DESTROYED);
    dl_plane_save(plane, sb);
    return;
  }
  switch (sb->state) {
    case DL_UNKNOWN:
    case DL_CREATING:
      sb->desired_state = DL_STARTED;
      fail(plane, sb,
           "daytona-local ended while this sandbox was being created");
      return;
    case DL_ERROR: /* what is stored is unknown */
      break;
    case DL_ARCHIVED:
    case DL_ARCHIVING:
      dl_plane_wish(sb, DL_ARCHIVED);
      break;
    case DL_RESTORING:
      if (move_home(plane, "archive", "sandboxes", sb->id))
        fail_errno(plane, sb, "the archived home cannot be restored");
      else
        dl_plane_wish(sb, DL_STOPPED);
      break;
    default:
      if (!dl_sandbox_ephemeral(sb) || dl_plane_wish_destroyed(sb))
        dl_plane_wish(sb, DL_STOPPED);
  }
  dl_plane_save(plane, sb);
}

/* At the start of the server: nothing runs any more. What ran is stopped,
 * what was half done is finished or marked. */
void dl_reconcile_recover(dl_supervisor *s) {
  pthread_mutex_lock(&s->plane->lock);
  dl_mounts_sweep(s->plane->store);
  dl_copies_recover(s->plane);
  dl_snapshots_open(s->plane);
  for_rows(s,
           "WHERE desired_state = 'destroyed' OR (state <> 'error'"
           " AND (pending = 1 OR state NOT IN ('stopped', 'archived')))",
           recover);
  dl_reconcile_pending(s);
  pthread_mutex_unlock(&s->plane->lock);
}

/* The toolbox serves. */
void dl_reconcile_ready(dl_supervisor *s, dl_worker *worker) {
  dl_sandbox sb = {0};
  if (dl_store_get(s->plane->store, worker->id, &sb) != DL_STORE_FOUND)
    return;
  if (sb.desired_state == DL_STARTED) {
    dl_sandbox_set(&sb.daemon_version, dl_as_version());
    dl_plane_move(s->plane, &sb, DL_STARTED);
    if (sb.warm_pool_id)
      dl_pools_ready(s->plane, &sb);
  }
  dl_sandbox_clear(&sb);
}

/* The toolbox has its new sizes. */
void dl_reconcile_resized(dl_supervisor *s, const dl_worker *worker) {
  dl_sandbox sb = {0};
  if (dl_store_get(s->plane->store, worker->id, &sb) != DL_STORE_FOUND)
    return;
  if (sb.state == DL_RESIZING && sb.desired_state == DL_STARTED)
    dl_plane_move(s->plane, &sb, DL_STARTED);
  dl_sandbox_clear(&sb);
}

/* The toolbox was used. */
void dl_reconcile_active(dl_supervisor *s, const dl_worker *worker) {
  dl_sandbox sb = {0};
  if (dl_store_get(s->plane->store, worker->id, &sb) != DL_STORE_FOUND)
    return;
  sb.last_activity_at = dl_plane_now(s->plane);
  dl_store_put(s->plane->store, &sb);
  dl_sandbox_clear(&sb);
}

/* The process of the sandbox has ended, `how` says in which way. If nobody
 * wanted that it is an error; else the pending wish goes on. */
void dl_reconcile_ended(dl_supervisor *s, const char *id, const char *how) {
  dl_sandbox sb = {0};
  if (dl_store_get(s->plane->store, id, &sb) != DL_STORE_FOUND)
    return;
  if ((sb.desired_state == DL_STARTED || sb.desired_state == DL_PAUSED) &&
      sb.state != DL_ERROR)
    fail(s->plane, &sb, how ? how : "the sandbox ended");
  dl_sandbox_clear(&sb);
}
