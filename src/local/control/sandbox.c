#include "sandbox.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[DL_STATES] = {
    "creating", "restoring",        "destroyed",     "destroying",
    "started",  "stopped",          "starting",      "stopping",
    "error",    "build_failed",     "pending_build", "building_snapshot",
    "unknown",  "pulling_snapshot", "archived",      "archiving",
    "resizing", "snapshotting",     "forking",       "pausing",
    "paused",   "resuming"};

const char *dl_sandbox_state_name(dl_state state) {
  return state_names[state];
}

dl_state dl_sandbox_state_of(const char *name) {
  for (int i = 0; name && i < DL_STATES; i++) {
    if (strcmp(state_names[i], name) == 0)
      return (dl_state)i;
  }
  return DL_STATES;
}

dl_state dl_sandbox_shown_state(const dl_sandbox *sb, bool in_list) {
  dl_state wish = sb->desired_state;
  switch (sb->state) {
    case DL_STARTED:
      if (wish == DL_STOPPED)
        return DL_STOPPING;
      if (wish == DL_PAUSED)
        return DL_PAUSING;
      return wish == DL_DESTROYED ? DL_DESTROYING : DL_STARTED;
    case DL_STOPPED:
      if (wish == DL_STARTED)
        return DL_STARTING;
      if (wish == DL_DESTROYED)
        return DL_DESTROYING;
      return wish == DL_ARCHIVED ? DL_ARCHIVING : DL_STOPPED;
    case DL_PAUSED:
      if (wish == DL_STARTED)
        return DL_RESUMING;
      return wish == DL_DESTROYED ? DL_DESTROYING : DL_PAUSED;
    case DL_UNKNOWN:
      return wish == DL_STARTED ? DL_CREATING : DL_UNKNOWN;
    case DL_ARCHIVED:
      return wish == DL_STARTED && in_list ? DL_RESTORING : DL_ARCHIVED;
    default:
      return sb->state;
  }
}

void dl_sandbox_clear(dl_sandbox *sb) {
#define CLEAR_TEXT(name) free(sb->name);
#define CLEAR_OTHER(name)
  DL_SANDBOX_COLUMNS(CLEAR_TEXT, CLEAR_OTHER, CLEAR_OTHER)
#undef CLEAR_TEXT
#undef CLEAR_OTHER
  memset(sb, 0, sizeof *sb);
}

bool dl_sandbox_ephemeral(const dl_sandbox *sb) {
  return sb->auto_delete_interval == 0;
}

int dl_sandbox_set(char **field, const char *value) {
  char *copy = NULL;
  if (value && !(copy = strdup(value)))
    return -1;
  free(*field);
  *field = copy;
  return 0;
}
