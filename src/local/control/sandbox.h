#ifndef DL_CONTROL_SANDBOX_H
#define DL_CONTROL_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/* A sandbox as it is stored: one row of the table `sandboxes`. */

typedef enum dl_state {
  DL_CREATING,
  DL_RESTORING,
  DL_DESTROYED,
  DL_DESTROYING,
  DL_STARTED,
  DL_STOPPED,
  DL_STARTING,
  DL_STOPPING,
  DL_ERROR,
  DL_BUILD_FAILED,
  DL_PENDING_BUILD,
  DL_BUILDING_SNAPSHOT,
  DL_UNKNOWN,
  DL_PULLING_SNAPSHOT,
  DL_ARCHIVED,
  DL_ARCHIVING,
  DL_RESIZING,
  DL_SNAPSHOTTING,
  DL_FORKING,
  DL_PAUSING,
  DL_PAUSED,
  DL_RESUMING,
  DL_STATES
} dl_state;

/* Why lists leave a sandbox out; dl_store_put sees to it. */
typedef enum dl_hidden {
  DL_SHOWN,
  DL_HIDDEN_ERROR, /* an error that is being deleted */
  DL_HIDDEN_WARM   /* it waits in a warm pool */
} dl_hidden;

/* The columns, once: T text (NULL is null), S state, I integer. The order is
 * that of the table and of the struct. Times are milliseconds since 1970. */
#define DL_SANDBOX_COLUMNS(T, S, I)                                            \
  T(id)                                                                        \
  T(name)                                                                      \
  T(target)                                                                    \
  T(snapshot)                                                                  \
  T(user)                                                                      \
  T(env)    /* JSON object */                                                  \
  T(labels) /* JSON object */                                                  \
  T(error_reason)                                                              \
  T(outbound_proxy_url)                                                        \
  T(linked_sandbox_id)                                                         \
  T(preview_token)                                                             \
  T(daemon_version)                                                            \
  T(warm_pool_id) /* of one that nobody has taken yet */                       \
  S(state)                                                                     \
  S(desired_state)                                                             \
  I(pending)    /* a change is under way: other changes get 409 */             \
  I(force_stop) /* the stop under way is a kill */                             \
  I(cpu)                                                                       \
  I(gpu)                                                                       \
  I(memory) /* GiB */                                                          \
  I(disk)   /* GiB */                                                          \
  I(is_public)                                                                 \
  I(network_block_all)                                                         \
  I(recoverable)                                                               \
  I(auto_stop_interval)    /* minutes; 0 is off */                             \
  I(auto_pause_interval)   /* the same; at most one of the two is on */        \
  I(auto_archive_interval) /* minutes */                                       \
  I(auto_delete_interval)  /* minutes; negative is off, 0 is ephemeral */      \
  I(auto_destroy_at)       /* 0 is off */                                      \
  I(created_at)                                                                \
  I(updated_at)                                                                \
  I(last_activity_at)                                                          \
  I(stopped_at)                                                                \
  I(hidden) /* dl_hidden: lists leave it out unless they are asked */

typedef struct dl_sandbox {
#define DL_FIELD_TEXT(name) char *name;
#define DL_FIELD_STATE(name) dl_state name;
#define DL_FIELD_INTEGER(name) int64_t name;
  DL_SANDBOX_COLUMNS(DL_FIELD_TEXT, DL_FIELD_STATE, DL_FIELD_INTEGER)
#undef DL_FIELD_TEXT
#undef DL_FIELD_STATE
#undef DL_FIELD_INTEGER
} dl_sandbox;

#pragma GCC visibility push(hidden)

/* The name of a state on the wire and in the database. */
const char *dl_sandbox_state_name(dl_state state);

/* The state of that name; DL_STATES if there is none (or `name` is NULL). */
dl_state dl_sandbox_state_of(const char *name);

/* The state shown to clients: where the stored state lags behind the wish,
 * the way towards the wish. A list item shows `restoring` one step earlier
 * than the full object does. */
dl_state dl_sandbox_shown_state(const dl_sandbox *sb, bool in_list);

/* Frees what the record owns and zeroes it; a zeroed record is fine. */
void dl_sandbox_clear(dl_sandbox *sb);

/* Whether the sandbox is deleted instead of stopped. */
bool dl_sandbox_ephemeral(const dl_sandbox *sb);

/* Replaces a text field by a copy of `value` (NULL allowed). 0, or -1 without
 * memory, the field being unchanged then. */
int dl_sandbox_set(char **field, const char *value);

#pragma GCC visibility pop

#endif
