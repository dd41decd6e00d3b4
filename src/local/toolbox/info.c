#include "daemon.h"
#include "input.h"

/* GET /version */
void dl_info_version(dl_http_request *req) {
  dl_http_reply_json(req, 200,
                     json_pack("{s:s}", "version", dl_daemon_of(req)->version));
}

/* GET /work-dir */
void dl_info_work_dir(dl_http_request *req) {
  dl_http_reply_json(req, 200,
                     json_pack("{s:s}", "dir", dl_daemon_of(req)->work_dir));
}

/* GET /user-home-dir and /project-dir */
void dl_info_home_dir(dl_http_request *req) {
  dl_http_reply_json(req, 200,
                     json_pack("{s:s}", "dir", dl_daemon_of(req)->home));
}

/* POST /init: the original stores a telemetry token; there is no telemetry
 * here, so the body is only checked. */
void dl_info_init(dl_http_request *req) {
  dl_input in;
  dl_input_begin(&in, req, "InitializeRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  dl_input_string(&in, "token", false);
  if (dl_input_ok(&in))
    dl_http_reply_json(
        req, 200,
        json_pack("{s:s}", "message",
                  "Auth token set and telemetry initialized successfully"));
}

/* The names that POST /env may set; answers 400 at the first bad one. */
static bool names_are_valid(dl_http_request *req, const json_t *set) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)set, name, value) {
    if (!dl_env_valid_name(name)) {
      dl_http_reply_error(
          req, 400, NULL,
          "bad request: invalid environment variable name: '%s'", name);
      return false;
    }
  }
  return true;
}

/* POST /env: for processes started later. */
void dl_info_env(dl_http_request *req) {
  dl_env *env = dl_daemon_of(req)->env;
  dl_input in;
  dl_input_begin(&in, req, "UpdateEnvRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  json_t *set = dl_input_map(&in, "set");
  json_t *unset = dl_input_strings(&in, "unset", false);
  const char *prefix = dl_input_string(&in, "unsetValuePrefix", false);
  if (!dl_input_ok(&in) || !names_are_valid(req, set))
    return;
  json_t *value;
  size_t i;
  json_array_foreach(unset, i, value) {
    dl_env_unset(env, json_string_value(value));
  }
  if (*prefix)
    dl_env_unset_value_prefix(env, prefix, set);
  const char *name;
  json_object_foreach(set, name, value) {
    const char *text = json_string_value(value);
    if (dl_env_set(env, name, text ? text : "")) {
      dl_http_reply_error(req, 500, NULL, "out of memory");
      return;
    }
  }
  dl_http_reply_json(
      req, 200,
      json_pack("{s:s}", "message", "Environment updated successfully"));
}
