#include "plane.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "copier.h"
#include "series.h"

static void make_lock(dl_plane *plane) {
  pthread_mutex_init(&plane->lock, NULL);
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&plane->changed, &attr);
  pthread_condattr_destroy(&attr);
}

static char *lasting_uuid(dl_plane *plane, const char *key) {
  char uuid[DL_CRYPTO_UUID];
  if (dl_crypto_uuid(uuid))
    return NULL;
  return dl_store_meta(plane->store, key, uuid);
}

static int read_identity(dl_plane *plane) {
  char now[32];
  snprintf(now, sizeof now, "%" PRId64, dl_clock_now_ms());
  char *since = dl_store_meta(plane->store, "since", now);
  plane->organization_id = lasting_uuid(plane, "organization_id");
  plane->user_id = lasting_uuid(plane, "user_id");
  plane->runner_id = lasting_uuid(plane, "runner_id");
  if (!since || !plane->organization_id || !plane->user_id ||
      !plane->runner_id) {
    free(since);
    return -1;
  }
  plane->since = strtoll(since, NULL, 10);
  free(since);
  return 0;
}

static int read_key(dl_plane *plane) {
  plane->api_key = plane->options->api_key ? strdup(plane->options->api_key)
                                           : dl_datadir_api_key(&plane->dir);
  if (!plane->api_key)
    return -1;
  return dl_crypto_sha256_hex(plane->api_key, strlen(plane->api_key),
                              plane->key_sha256);
}

static int open_store(dl_plane *plane) {
  char *path = dl_datadir_path(&plane->dir, "state.db");
  int rc = path ? dl_store_open(&plane->store, path, &plane->reserve) : -1;
  free(path);
  return rc;
}

int dl_plane_open(dl_plane *plane, const dl_options *options) {
  memset(plane, 0, sizeof *plane);
  plane->options = options;
  plane->dir.fd = plane->dir.lock_fd = -1;
  plane->minute_ms = (int64_t)(options->minute_seconds * 1000);
  dl_series_open(plane->minute_ms);
  plane->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  make_lock(plane);
  if (plane->wake_fd < 0) {
    fprintf(stderr, "daytona-local: eventfd: %s\n", strerror(errno));
    return -1;
  }
  if (dl_datadir_open(&plane->dir, &plane->reserve, options) ||
      dl_launch_open(&plane->launcher, &plane->dir, options) ||
      open_store(plane) || read_identity(plane) || read_key(plane))
    return -1;
  plane->trash = dl_trash_open(plane->dir.fd);
  if (!plane->trash) {
    fprintf(stderr, "daytona-local: trash: %s\n", strerror(errno));
    return -1;
  }
  plane->copier = dl_copier_open(plane->dir.fd, plane->trash, plane->wake_fd);
  if (!plane->copier) {
    fprintf(stderr, "daytona-local: copies: %s\n", strerror(errno));
    return -1;
  }
  return 0;
}

void dl_plane_close(dl_plane *plane) {
  dl_copier_close(plane->copier);
  dl_trash_close(plane->trash);
  dl_store_close(plane->store);
  dl_launch_close(&plane->launcher);
  dl_datadir_close(&plane->dir);
  if (plane->wake_fd >= 0)
    close(plane->wake_fd);
  if (plane->api_key)
    explicit_bzero(plane->api_key, strlen(plane->api_key));
  free(plane->api_key);
  free(plane->organization_id);
  free(plane->user_id);
  free(plane->runner_id);
  free(plane->url);
  free(plane->toolbox_url);
  pthread_cond_destroy(&plane->changed);
  pthread_mutex_destroy(&plane->lock);
}

char *dl_plane_host_url(const dl_plane *plane, unsigned port) {
  const char *host = plane->options->advertise;
  dl_strbuf url = {0};
  if (strchr(host, ':'))
    dl_strbuf_addf(&url, "http://[%s]:%u", host, port);
  else
    dl_strbuf_addf(&url, "http://%s:%u", host, port);
  return dl_strbuf_detach(&url);
}

int dl_plane_served_at(dl_plane *plane, unsigned port) {
  dl_strbuf toolbox = {0};
  plane->url = dl_plane_host_url(plane, port);
  if (plane->url)
    dl_strbuf_addf(&toolbox, "%s/toolbox", plane->url);
  plane->toolbox_url = dl_strbuf_detach(&toolbox);
  return plane->url && plane->toolbox_url ? 0 : -1;
}

int64_t dl_plane_now(const dl_plane *plane) {
  return dl_clock_boot_ms() + plane->wall_offset;
}

int dl_plane_save(dl_plane *plane, dl_sandbox *sb) {
  sb->updated_at = dl_plane_now(plane);
  if (dl_store_put(plane->store, sb))
    return -1;
  pthread_cond_broadcast(&plane->changed);
  return 0;
}

int dl_plane_move(dl_plane *plane, dl_sandbox *sb, dl_state state) {
  sb->state = state;
  if (state == sb->desired_state || state == DL_ERROR) {
    sb->pending = 0;
    sb->force_stop = 0;
  }
  sb->last_activity_at = dl_plane_now(plane);
  if (state == DL_STOPPED)
    sb->stopped_at = sb->last_activity_at;
  return dl_plane_save(plane, sb);
}

void dl_plane_wish(dl_sandbox *sb, dl_state desired) {
  sb->desired_state = desired;
  sb->pending = 1;
}

int dl_plane_wish_destroyed(dl_sandbox *sb) {
  dl_strbuf name = {0};
  dl_strbuf_addf(&name, "DESTROYED_%s_%" PRId64, sb->name, dl_clock_now_ms());
  if (name.failed) {
    dl_strbuf_free(&name);
    return -1;
  }
  free(sb->name);
  sb->name = dl_strbuf_detach(&name);
  dl_plane_wish(sb, DL_DESTROYED);
  return 0;
}

int dl_plane_discard(dl_plane *plane, const char *directory, const char *id) {
  int rc = dl_trash_take(plane->trash, directory, id);
  if (rc && errno == ENOSPC && dl_reserve_release(&plane->reserve))
    rc = dl_trash_take(plane->trash, directory, id);
  return rc;
}

void dl_plane_wake(dl_plane *plane) {
  uint64_t one = 1;
  (void)!write(plane->wake_fd, &one, sizeof one);
}

int dl_plane_find(dl_plane *plane, const char *id_or_name, dl_sandbox *out) {
  int found = dl_store_get(plane->store, id_or_name, out);
  if (found == DL_STORE_NONE)
    found = dl_store_get_by_name(plane->store, id_or_name, out);
  if (found == DL_STORE_FOUND && out->state == DL_ERROR &&
      out->desired_state == DL_DESTROYED) {
    dl_sandbox_clear(out);
    found = DL_STORE_NONE;
  }
  return found;
}

int dl_plane_wait(dl_plane *plane, dl_sandbox *sb) {
  struct timespec until;
  dl_sandbox now = {0};
  int found, timed_out = 0;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += DL_PLANE_WAIT_MS / 1000;
  for (;;) {
    found = dl_store_get(plane->store, sb->id, &now);
    if (found != DL_STORE_FOUND)
      return found;
    if (!now.pending || timed_out || plane->stopping)
      break;
    dl_sandbox_clear(&now);
    timed_out = pthread_cond_timedwait(&plane->changed, &plane->lock, &until) ==
                ETIMEDOUT;
  }
  dl_sandbox_clear(sb);
  *sb = now;
  return DL_STORE_FOUND;
}
