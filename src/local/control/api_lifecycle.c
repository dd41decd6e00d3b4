#include "api.h"
#include "as.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"

#define CONFLICT "Sandbox state change in progress"

static void reply(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  dl_api_reply(req, 200, plane, sb);
}

/* GET /sandbox/{id} */
void dl_api_get(dl_http_request *req) {
  dl_api_on_sandbox(req, reply);
}

static bool is_pending(dl_http_request *req, const dl_sandbox *sb) {
  if (sb->pending)
    dl_api_fail(req, 409, "%s", CONFLICT);
  return sb->pending;
}

/* Saves the wish, sets the supervisor to work and replies at once. */
static void begin(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  dl_api_save(req, plane, sb, 200);
  dl_plane_wake(plane);
}

static void remove_sandbox(dl_http_request *req, dl_plane *plane,
                           dl_sandbox *sb) {
  bool archiving = sb->state == DL_ARCHIVING;
  if ((!archiving && is_pending(req, sb)) || dl_api_has_forks(req, plane, sb))
    return;
  if (dl_plane_wish_destroyed(sb) || dl_plane_save(plane, sb)) {
    dl_api_broken(req);
    return;
  }
  dl_api_reply(req, 200, plane, sb);
  dl_plane_wake(plane);
}

void dl_api_delete(dl_http_request *req) {
  dl_api_on_sandbox(req, remove_sandbox);
}

/* Waits for the sandbox to run and replies with it as it is then. */
static void await_start(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  dl_plane_wake(plane);
  if (dl_plane_wait(plane, sb) == DL_STORE_FOUND && sb->state == DL_ERROR)
    dl_api_fail(req, 400, "Sandbox failed to start: %s",
                sb->error_reason ? sb->error_reason : "");
  else
    dl_api_reply(req, 200, plane, sb);
}

static void start(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  bool archived = sb->state == DL_ARCHIVED || sb->state == DL_ARCHIVING;
  if (sb->state == DL_STARTED && sb->desired_state == DL_STARTED) {
    dl_api_reply(req, 200, plane, sb);
    return;
  }
  if (sb->state == DL_ERROR) {
    dl_api_fail(req, 400, "Sandbox is in an errored state");
    return;
  }
  if (sb->state != DL_ARCHIVING && is_pending(req, sb))
    return;
  dl_plane_wish(sb, DL_STARTED);
  if (dl_plane_save(plane, sb)) {
    dl_api_broken(req);
  }
  else if (archived) {
    dl_plane_wake(plane);
    dl_api_reply(req, 200, plane, sb);
  }
  else {
    await_start(req, plane, sb);
  }
}

void dl_api_start_sandbox(dl_http_request *req) {
  dl_api_on_sandbox(req, start);
}

static void stop(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  const char *force = dl_http_query(req, "force");
  if (is_pending(req, sb))
    return;
  if (sb->state != DL_STARTED && sb->state != DL_PAUSED) {
    dl_api_fail(req, 400, "Sandbox is not in a stoppable state");
    return;
  }
  sb->force_stop = force && strcmp(force, "true") == 0;
  if (!dl_sandbox_ephemeral(sb))
    dl_plane_wish(sb, DL_STOPPED);
  else if (dl_plane_wish_destroyed(sb)) {
    dl_api_broken(req);
    return;
  }
  begin(req, plane, sb);
}

void dl_api_stop(dl_http_request *req) {
  dl_api_on_sandbox(req, stop);
}

static void archive(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  if (is_pending(req, sb))
    return;
  if (dl_sandbox_ephemeral(sb)) {
    dl_api_fail(req, 400, "Ephemeral sandboxes cannot be archived");
    return;
  }
  if (sb->state != DL_STOPPED) {
    dl_api_fail(req, 400, "Sandbox is not stopped");
    return;
  }
  dl_plane_wish(sb, DL_ARCHIVED);
  begin(req, plane, sb);
}

void dl_api_archive(dl_http_request *req) {
  dl_api_on_sandbox(req, archive);
}

static void recover(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  const char *skip = dl_http_query(req, "skipStart");
  if (is_pending(req, sb))
    return;
  if (sb->state != DL_ERROR) {
    dl_api_fail(req, 400,
                dl_as_now()->no_newer
                    ? "Sandbox is not in a recoverable state"
                    : "Sandbox must be in error state to recover");
    return;
  }
  if (!sb->recoverable) {
    dl_api_fail(req, 400, "Sandbox is not in a recoverable state");
    return;
  }
  dl_sandbox_set(&sb->error_reason, NULL);
  sb->recoverable = 0;
  sb->state = DL_STOPPED;
  if (skip && strcmp(skip, "true") == 0) {
    sb->desired_state = DL_STOPPED;
    if (dl_plane_move(plane, sb, DL_STOPPED))
      dl_api_broken(req);
    else
      dl_api_reply(req, 200, plane, sb);
    return;
  }
  dl_plane_wish(sb, DL_STARTED);
  if (dl_plane_save(plane, sb))
    dl_api_broken(req);
  else
    await_start(req, plane, sb);
}

void dl_api_recover(dl_http_request *req) {
  dl_api_on_sandbox(req, recover);
}

static const dl_field sizes[] = {{"cpu", DL_FIELD_POSITIVE},
                                 {"memory", DL_FIELD_POSITIVE},
                                 {"disk", DL_FIELD_POSITIVE},
                                 {NULL, DL_FIELD_NUMBER}};

static int64_t size_of(const json_t *body, const char *name, int64_t now) {
  int64_t value = now;
  dl_fields_integer(dl_fields_get(body, name), &value);
  return value;
}

/* Why the sandbox cannot be resized so; NULL if it can. */
static const char *refusal(const dl_sandbox *sb, int64_t cpu, int64_t memory,
                           int64_t disk) {
  bool stopped = sb->state == DL_STOPPED;
  if (cpu == sb->cpu && memory == sb->memory && disk == sb->disk)
    return "No resource changes specified - sandbox is already at the desired "
           "configuration";
  if (cpu < sb->cpu && !stopped)
    return "Sandbox must be in stopped state to decrease the number of CPU "
           "cores";
  if (memory < sb->memory && !stopped)
    return "Sandbox must be in stopped state to decrease the memory";
  if (disk != sb->disk && !stopped)
    return "Disk resize can only be performed on a stopped sandbox";
  if (disk < sb->disk)
    return "Sandbox disk size cannot be decreased";
  return NULL;
}

static void resize(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  json_t *body = dl_http_state(req);
  int64_t cpu = size_of(body, "cpu", sb->cpu);
  int64_t memory = size_of(body, "memory", sb->memory);
  int64_t disk = size_of(body, "disk", sb->disk);
  if (is_pending(req, sb))
    return;
  const char *why = refusal(sb, cpu, memory, disk);
  if (why) {
    dl_api_fail(req, 400, "%s", why);
    return;
  }
  if (sb->state != DL_STOPPED && sb->state != DL_STARTED) {
    dl_api_unsupported(req, "Resizing a sandbox that is neither started nor "
                            "stopped is");
    return;
  }
  sb->cpu = cpu;
  sb->memory = memory;
  sb->disk = disk;
  if (sb->state == DL_STOPPED) { /* the next start sets the limits */
    dl_api_save(req, plane, sb, 200);
    return;
  }
  sb->state = DL_RESIZING;
  dl_plane_wish(sb, DL_STARTED);
  begin(req, plane, sb);
}

void dl_api_resize(dl_http_request *req) {
  json_t *body = dl_api_keep_body(req);
  dl_strbuf problems = {0};
  if (!body)
    return;
  dl_fields_check(body, sizes, &problems);
  if (problems.len > 0)
    dl_api_fail(req, 400, "%s", problems.data);
  else if (dl_api_knows(req, body, sizes))
    dl_api_on_sandbox(req, resize);
  dl_strbuf_free(&problems);
}

static void pause_sandbox(dl_http_request *req, dl_plane *plane,
                          dl_sandbox *sb) {
  if (is_pending(req, sb))
    return;
  if (dl_as_now()->no_newer) /* containers of an older server */
    dl_api_fail(req, 422, "Pausing is not supported for this sandbox");
  else if (sb->state != DL_STARTED)
    dl_api_fail(req, 400, "Sandbox must be in started state to pause");
  else {
    dl_plane_wish(sb, DL_PAUSED);
    begin(req, plane, sb);
  }
}

void dl_api_pause(dl_http_request *req) {
  dl_api_on_sandbox(req, pause_sandbox);
}
