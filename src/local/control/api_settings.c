#include "api.h"
#include "as.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "network.h"

static void with_body(dl_http_request *req, const dl_field *fields,
                      dl_api_action *act) {
  json_t *body = dl_api_keep_body(req);
  if (body && dl_api_knows(req, body, fields))
    dl_api_on_sandbox(req, act);
}

static void set_labels(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  const json_t *labels = dl_fields_get(dl_http_state(req), "labels");
  char *text =
      json_is_object(labels) ? json_dumps(labels, JSON_COMPACT) : strdup("{}");
  if (!text) {
    dl_api_broken(req);
    return;
  }
  free(sb->labels);
  sb->labels = text;
  dl_api_save(req, plane, sb, 200);
}

void dl_api_labels(dl_http_request *req) {
  static const dl_field fields[] = {{"labels", DL_FIELD_ANY},
                                    {NULL, DL_FIELD_ANY}};
  with_body(req, fields, set_labels);
}

static void set_public(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  sb->is_public = strcmp(dl_http_param(req, "value"), "true") == 0;
  dl_api_save(req, plane, sb, 201);
}

void dl_api_public(dl_http_request *req) {
  dl_api_on_sandbox(req, set_public);
}

/* The {value} of the path as an integer of the database. What is none broke
 * the original, and does so here. */
static bool read_value(dl_http_request *req, int64_t *out) {
  const char *text = dl_http_param(req, "value");
  errno = 0;
  char *end;
  long long n = strtoll(text, &end, 10);
  *out = n;
  if (!errno && end != text && !*end && n >= INT32_MIN && n <= INT32_MAX)
    return true;
  dl_api_broken(req);
  return false;
}

/* Why a sandbox cannot have these intervals together; NULL if it can. */
const char *dl_api_intervals(const dl_sandbox *sb) {
  if (sb->auto_pause_interval > 0 && sb->auto_stop_interval > 0)
    return "autoStopInterval and autoPauseInterval are mutually exclusive. Set "
           "at most one of them to a non-zero value";
  if (sb->auto_pause_interval > 0 && dl_sandbox_ephemeral(sb))
    return "Ephemeral sandboxes cannot have auto-pause enabled. Set "
           "autoPauseInterval to 0";
  return NULL;
}

static void save_intervals(dl_http_request *req, dl_plane *plane,
                           dl_sandbox *sb) {
  const char *why = dl_api_intervals(sb);
  if (why)
    dl_api_fail(req, 400, "%s", why);
  else
    dl_api_save(req, plane, sb, 201);
}

static void set_auto_stop(dl_http_request *req, dl_plane *plane,
                          dl_sandbox *sb) {
  int64_t n;
  if (!read_value(req, &n))
    return;
  if (n < 0) {
    dl_api_fail(req, 400, "Auto-stop interval must be non-negative");
    return;
  }
  sb->auto_stop_interval = n;
  save_intervals(req, plane, sb);
}

void dl_api_auto_stop(dl_http_request *req) {
  dl_api_on_sandbox(req, set_auto_stop);
}

static void set_auto_archive(dl_http_request *req, dl_plane *plane,
                             dl_sandbox *sb) {
  int64_t n;
  if (!read_value(req, &n))
    return;
  if (n < 0) {
    dl_api_fail(req, 400, "Auto-archive interval must be non-negative");
    return;
  }
  sb->auto_archive_interval =
      n == 0 || n > DL_API_MAX_ARCHIVE ? DL_API_MAX_ARCHIVE : n;
  dl_api_save(req, plane, sb, 201);
}

void dl_api_auto_archive(dl_http_request *req) {
  dl_api_on_sandbox(req, set_auto_archive);
}

static void set_auto_delete(dl_http_request *req, dl_plane *plane,
                            dl_sandbox *sb) {
  int64_t n;
  if (!read_value(req, &n))
    return;
  sb->auto_delete_interval = n;
  save_intervals(req, plane, sb);
}

void dl_api_auto_delete(dl_http_request *req) {
  dl_api_on_sandbox(req, set_auto_delete);
}

static void set_auto_pause(dl_http_request *req, dl_plane *plane,
                           dl_sandbox *sb) {
  int64_t n;
  if (!read_value(req, &n))
    return;
  if (n < 0) {
    dl_api_fail(req, 400, "Auto-pause interval must be non-negative");
    return;
  }
  sb->auto_pause_interval = n;
  save_intervals(req, plane, sb);
}

void dl_api_auto_pause(dl_http_request *req) {
  dl_api_on_sandbox(req, set_auto_pause);
}

static void set_ttl(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  int64_t n;
  if (!read_value(req, &n))
    return;
  if (n < 0) {
    dl_api_fail(req, 400, "TTL must be non-negative");
    return;
  }
  sb->auto_destroy_at = n ? dl_plane_now(plane) + n * plane->minute_ms : 0;
  dl_api_save(req, plane, sb, 201);
}

void dl_api_ttl(dl_http_request *req) {
  dl_api_on_sandbox(req, set_ttl);
}

static void touch(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  sb->last_activity_at = dl_plane_now(plane);
  if (dl_store_put(plane->store, sb))
    dl_api_broken(req);
  else
    dl_http_reply_empty(req, 201);
}

void dl_api_last_activity(dl_http_request *req) {
  dl_api_on_sandbox_id(req, touch);
}

static const dl_field network_fields[] = {{"networkBlockAll", DL_FIELD_BOOLEAN},
                                          {"networkAllowList", DL_FIELD_ANY},
                                          {"domainAllowList", DL_FIELD_ANY},
                                          {NULL, DL_FIELD_ANY}};

/* null is refused here, unlike everywhere else. */
static void check_lists(const json_t *body, dl_strbuf *problems) {
  static const char *const names[] = {"networkAllowList", "domainAllowList"};
  size_t i;
  dl_fields_check(body, network_fields, problems);
  for (i = 0; i < 2; i++) {
    const json_t *value = json_object_get(body, names[i]);
    if (value && !json_is_string(value))
      dl_fields_problem(problems, "%s must be a string", names[i]);
  }
}

bool dl_api_allow_lists(dl_http_request *req, const json_t *body) {
  const char *addresses = dl_fields_text(body, "networkAllowList");
  const char *domains = dl_fields_text(body, "domainAllowList");
  char *problem = addresses ? dl_network_check_addresses(addresses) : NULL;
  if (!problem && domains)
    problem = dl_network_check_domains(domains);
  if (problem)
    dl_api_fail(req, 400, "%s", problem);
  else if (dl_as_now()->no_newer)
    addresses = domains = NULL; /* taken, and without effect here */
  else if (addresses || domains)
    dl_api_unsupported(req, "networkAllowList and domainAllowList are");
  free(problem);
  return !addresses && !domains;
}

/* A running sandbox cannot be moved into another network namespace. */
static void set_network(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  const json_t *body = dl_http_state(req);
  const json_t *block = dl_fields_get(body, "networkBlockAll");
  bool blocked = block ? json_is_true(block) : sb->network_block_all;
  if (blocked != (bool)sb->network_block_all && sb->state != DL_STOPPED &&
      sb->state != DL_ARCHIVED) {
    dl_api_unsupported(req, "Changing networkBlockAll of a sandbox that is not "
                            "stopped is");
    return;
  }
  sb->network_block_all = blocked;
  dl_api_save(req, plane, sb, 200);
}

void dl_api_network(dl_http_request *req) {
  json_t *body = dl_api_keep_body(req);
  dl_strbuf problems = {0};
  if (!body)
    return;
  check_lists(body, &problems);
  if (problems.len > 0)
    dl_api_fail(req, 400, "%s", problems.data);
  else if (!dl_fields_get(body, "networkBlockAll") &&
           !json_object_get(body, "networkAllowList") &&
           !json_object_get(body, "domainAllowList"))
    dl_api_fail(req, 400,
                "At least one of networkBlockAll, networkAllowList or "
                "domainAllowList must be provided");
  else if (dl_api_allow_lists(req, body) &&
           dl_api_knows(req, body, network_fields))
    dl_api_on_sandbox(req, set_network);
  dl_strbuf_free(&problems);
}

void dl_api_no_mounts_of_secrets(dl_http_request *req) {
  dl_api_fail(req, 501,
              "Mounting secrets is not supported by daytona-local: nothing "
              "here puts the value in the place of the placeholder on the way "
              "out");
}

static void set_secrets(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  if (json_array_size(json_object_get(dl_http_state(req), "secrets")) > 0)
    dl_api_no_mounts_of_secrets(req);
  else
    dl_api_reply(req, 200, plane, sb);
}

void dl_api_secrets(dl_http_request *req) {
  static const dl_field fields[] = {{"secrets", DL_FIELD_ANY},
                                    {NULL, DL_FIELD_ANY}};
  with_body(req, fields, set_secrets);
}
