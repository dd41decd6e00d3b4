#ifndef DL_PLANE_H
#define DL_PLANE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "crypto.h"
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
  char *url;         /* "http://127.0.0.1:40000" */
  char *toolbox_url; /* the base of toolbox calls, one for all sandboxes */
  char *api_key;
  char key_sha256[DL_CRYPTO_SHA256_HEX];
} dl_plane;

#pragma GCC visibility push(hidden)

/* Opens everything but the network. `options` must outlive the control. 0, or
 * -1 after a message on stderr; dl_plane_close in any case. */
int dl_plane_open(dl_plane *plane, const dl_options *options);

/* Releases everything. The HTTP server must have stopped. */
void dl_plane_close(dl_plane *plane);

/* Milliseconds since 1970 for what is stored (see instants.c). Locked. */
int64_t dl_plane_now(const dl_plane *plane);

/* "http://HOST:PORT" as clients reach it. To be freed; NULL without memory. */
char *dl_plane_host_url(const dl_plane *plane, unsigned port);

/* Notes at which port it is served. 0, or -1 without memory. */
int dl_plane_served_at(dl_plane *plane, unsigned port);

/* Writes a changed row and tells whoever waits. Locked. 0, or -1. */
int dl_plane_save(dl_plane *plane, dl_sandbox *sb);

/* The same with a new state, which is activity too. Where it is the wish, or
 * an error, nothing is pending any more. Locked. 0, or -1. */
int dl_plane_move(dl_plane *plane, dl_sandbox *sb, dl_state state);

/* Notes what shall become of the sandbox; to be saved, then woken for. */
void dl_plane_wish(dl_sandbox *sb, dl_state desired);

/* Deletion frees the name at once. 0, or -1 without memory. */
int dl_plane_wish_destroyed(dl_sandbox *sb);

/* Throws DIRECTORY/ID of the data directory away, with the reserve where the
 * disk is full. 0, or -1 with errno. */
int dl_plane_discard(dl_plane *plane, const char *directory, const char *id);

/* Makes the supervisor look at the pending rows. Any thread. */
void dl_plane_wake(dl_plane *plane);

/* The sandbox with that id, else with that name. One in error that is being
 * deleted is hidden. Locked; the caller clears *out. DL_STORE_*. */
int dl_plane_find(dl_plane *plane, const char *id_or_name, dl_sandbox *out);

/* Waits until nothing is pending for the sandbox, its row is gone, the server
 * stops, or DL_PLANE_WAIT_MS have passed; then reads the row anew into *sb.
 * Locked, but for the waiting. DL_STORE_*. */
int dl_plane_wait(dl_plane *plane, dl_sandbox *sb);

#pragma GCC visibility pop

#endif
