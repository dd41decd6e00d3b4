#ifndef DL_PLANE_H
#define DL_PLANE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "../crypto.h"
#include "launch.h"
#include "options.h"
#include "store.h"
#include "trash.h"

#ifndef DL_VERSION
#define DL_VERSION "0.0.0-dev"
#endif

/* How long create and start wait for the sandbox before they answer. */
#define DL_PLANE_WAIT_MS 30000

/* The control plane. Handlers run in the threads of the HTTP server: they
 * check a request, store the wish (`desired_state`, `pending`) and wake the
 * supervisor, which is the main thread and the only one that starts, stops
 * and removes. Everything of a row is read and written under `lock`. */
typedef struct dl_plane {
  const dl_options *options;
  dl_datadir dir;
  dl_reserve reserve;
  dl_launcher launcher;
  dl_store *store;
  dl_trash *trash;
  struct dl_copier *copier;
  pthread_mutex_t lock;
  pthread_cond_t changed; /* some row changed, or `stopping` */
  bool stopping;
  bool pools_changed; /* dl_pools_fill is to look at them */
  int wake_fd;        /* eventfd of the supervisor */
  int64_t minute_ms;
  int64_t wall_offset; /* see instants.c */
  int64_t since;       /* when the data directory was made */
  char *organization_id;
  char *user_id;
  char *runner_id;
  char *url; /* "http://127.0.0.1:40000" */
  char *api_key;
  char key_sha256[DL_CRYPTO_SHA256_HEX];
} dl_plane;

#pragma GCC visibility push(hidden)

int dl_plane_open(dl_plane *plane, const dl_options *options);
void dl_plane_close(dl_plane *plane);
int64_t dl_plane_now(const dl_plane *plane);
char *dl_plane_host_url(const dl_plane *plane, unsigned port);
int dl_plane_save(dl_plane *plane, dl_sandbox *sb);
int dl_plane_move(dl_plane *plane, dl_sandbox *sb, dl_state state);
void dl_plane_wish(dl_sandbox *sb, dl_state desired);
int dl_plane_wish_destroyed(dl_sandbox *sb);
int dl_plane_discard(dl_plane *plane, const char *directory, const char *id);
void dl_plane_wake(dl_plane *plane);
int dl_plane_find(dl_plane *plane, const char *id_or_name, dl_sandbox *out);
int dl_plane_wait(dl_plane *plane, dl_sandbox *sb);

#pragma GCC visibility pop

#endif
