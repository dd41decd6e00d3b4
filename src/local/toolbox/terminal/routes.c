#include "pty.h"

#include "toolbox/input.h"
#include "toolbox/process/shell.h"

#include "wire/base64.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ENVS_TOKEN "X-Daytona-Pty-Envs~"
#define DEFAULT_COLS 80
#define DEFAULT_ROWS 24

static void reply_memory(dl_http_request *req) {
  dl_http_reply_error(req, 500, NULL, "internal server error: out of memory");
}

static void reply_not_found(dl_http_request *req) {
  dl_http_reply_error(req, 404, "PROCESS_NOT_FOUND", "%sPTY session not found",
                      dl_envelope_kind(404));
}

/* Makes the terminal that is asked for; NULL after an answer. */
static dl_pty *add(dl_http_request *req, dl_pty_wish *wish) {
  dl_pty *pty = NULL;
  char text[128];
  int error;
  if (wish->cols > DL_PTY_MAX_SIZE || wish->rows > DL_PTY_MAX_SIZE) {
    dl_http_reply_error(
        req, 400, NULL,
        "bad request: invalid value for %s - must be less than %d",
        wish->cols > DL_PTY_MAX_SIZE ? "cols" : "rows", DL_PTY_MAX_SIZE);
    return NULL;
  }
  if (!*wish->id) {
    dl_http_reply_error(req, 400, NULL, "bad request: session ID is required");
    return NULL;
  }
  wish->cols = wish->cols ? wish->cols : DEFAULT_COLS;
  wish->rows = wish->rows ? wish->rows : DEFAULT_ROWS;
  wish->cwd = wish->cwd && *wish->cwd ? wish->cwd : NULL;
  error = dl_pty_add(dl_daemon_of(req), wish, &pty);
  if (error == EEXIST)
    dl_http_reply_error(req, 409, NULL,
                        "conflict: PTY session with ID '%s' already exists",
                        wish->id);
  else if (error && !dl_shell_refuse(req, error))
    dl_http_reply_error(
        req, 500, NULL,
        "internal server error: failed to start PTY session: %s",
        dl_envelope_errno(error, text, sizeof text));
  return pty;
}

/* POST /process/pty */
void dl_pty_post(dl_http_request *req) {
  dl_pty_wish wish = {0};
  dl_input in;
  dl_pty *pty;
  dl_input_begin(&in, req, "PTYCreateRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  wish.id = dl_input_string(&in, "id", false);
  wish.cwd = dl_input_string(&in, "cwd", false);
  wish.envs = dl_input_map(&in, "envs");
  wish.cols = dl_input_uint32(&in, "cols");
  wish.rows = dl_input_uint32(&in, "rows");
  wish.lazy = dl_input_bool(&in, "lazyStart");
  if (!dl_input_ok(&in))
    return;
  pty = add(req, &wish);
  if (pty)
    dl_http_reply_json(req, 201, json_pack("{s:s}", "sessionId", wish.id));
  dl_pty_unref(pty);
}

/* GET /process/pty */
void dl_pty_get_all(dl_http_request *req) {
  json_t *list = dl_pty_list();
  if (list)
    dl_http_reply_json(req, 200, json_pack("{s:o}", "sessions", list));
  else
    reply_memory(req);
}

/* GET /process/pty/{id} */
void dl_pty_get(dl_http_request *req) {
  dl_pty *pty = dl_pty_find(dl_http_param(req, "id"));
  if (pty)
    dl_http_reply_json(req, 200, dl_pty_info(pty));
  else
    reply_not_found(req);
  dl_pty_unref(pty);
}

/* DELETE /process/pty/{id} */
void dl_pty_remove(dl_http_request *req) {
  dl_pty *pty = dl_pty_find(dl_http_param(req, "id"));
  if (!pty) {
    reply_not_found(req);
    return;
  }
  dl_pty_delete(pty);
  dl_pty_unref(pty);
  dl_http_reply_json(req, 200,
                     json_pack("{s:s}", "message", "PTY session deleted"));
}

static void reply_resized(dl_http_request *req, dl_pty *pty, unsigned cols,
                          unsigned rows) {
  int error = pty ? dl_pty_resize(pty, cols, rows) : ESRCH;
  char text[128];
  if (error == 0)
    dl_http_reply_json(req, 200, dl_pty_info(pty));
  else if (error == ESRCH)
    dl_http_reply_error(req, 410, NULL, "gone: PTY session %s not found",
                        dl_http_param(req, "id"));
  else if (error == ENOTTY)
    dl_http_reply_error(
        req, 500, NULL,
        "internal server error: cannot resize inactive PTY session");
  else
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: cannot resize: %s",
                        dl_envelope_errno(error, text, sizeof text));
}

/* POST /process/pty/{id}/resize */
void dl_pty_post_size(dl_http_request *req) {
  dl_input in;
  dl_pty *pty;
  unsigned cols, rows;
  dl_input_begin(&in, req, "PTYResizeRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  cols = dl_input_uint32(&in, "cols");
  rows = dl_input_uint32(&in, "rows");
  if (!dl_input_ok(&in))
    return;
  if (cols > DL_PTY_MAX_SIZE || rows > DL_PTY_MAX_SIZE) {
    dl_http_reply_error(req, 400, NULL, "bad request: %s must be less than %d",
                        cols > DL_PTY_MAX_SIZE ? "cols" : "rows",
                        DL_PTY_MAX_SIZE);
    return;
  }
  pty = dl_pty_find(dl_http_param(req, "id"));
  reply_resized(req, pty, cols, rows);
  dl_pty_unref(pty);
}

/* GET /process/pty/{id}/connect */
void dl_pty_connect(dl_http_request *req) {
  const char *id = dl_http_param(req, "id");
  dl_pty_accept(req, id, dl_pty_find(id), false);
}

/* Reads a size from the query: 0 if it is absent, more than any terminal has
 * if it is no number. */
static unsigned query_size(const dl_http_request *req, const char *name) {
  const char *text = dl_http_query(req, name);
  char *end;
  unsigned long value;
  if (!text || !*text)
    return 0;
  value = strtoul(text, &end, 10);
  return *end || *text == '-' || value > DL_PTY_MAX_SIZE ? DL_PTY_MAX_SIZE + 1
                                                         : (unsigned)value;
}

/* Base64 in the alphabet of URLs, without padding, into a malloc'd text with a
 * NUL; NULL if it is none, or without memory. */
static char *decode_base64url(const char *text) {
  size_t len = strlen(text), size = 0;
  char *out = malloc(dt_base64_decoded_size(len) + 1);
  if (out && !dt_base64_decode(text, len, true, out, &size)) {
    free(out);
    return NULL;
  }
  if (out)
    out[size] = '\0';
  return out;
}

static bool are_strings(const json_t *map) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)map, name, value) {
    if (!json_is_string(value))
      return false;
  }
  return json_is_object(map);
}

/* The environment that came as a subprotocol, in *envs; NULL if none did. False
 * if it cannot be read. */
static bool read_envs(dl_http_request *req, json_t **envs) {
  char *token = dl_websocket_token(req, ENVS_TOKEN);
  char *text = token ? decode_base64url(token) : NULL;
  bool ok;
  *envs = text ? json_loads(text, 0, NULL) : NULL;
  ok = !token || are_strings(*envs);
  free(token);
  free(text);
  return ok;
}

/* GET /process/pty/create-connect */
void dl_pty_create_connect(dl_http_request *req) {
  const char *id = dl_http_query(req, "id");
  dl_pty_wish wish = {.id = id ? id : "", .hold = true};
  json_t *envs = NULL;
  dl_pty *pty = NULL;
  if (!dl_websocket_wanted(req)) {
    dl_pty_accept(req, wish.id, NULL, false);
    return;
  }
  wish.cwd = dl_http_query(req, "cwd");
  wish.cols = query_size(req, "cols");
  wish.rows = query_size(req, "rows");
  if (read_envs(req, &envs)) {
    wish.envs = envs;
    pty = add(req, &wish);
  }
  else
    dl_http_reply_error(req, 400, NULL,
                        "bad request: the environment in the subprotocol is "
                        "no base64url of a JSON object of strings");
  json_decref(envs);
  if (pty)
    dl_pty_accept(req, wish.id, pty, true);
}
