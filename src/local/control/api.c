#include "api.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "as.h"
#include "clock.h"

/* The plane that a request is for. */
dl_plane *dl_api_plane(const dl_http_request *req) {
  return dl_http_context(req);
}

char *dl_api_url(const dl_http_request *req) {
  const char *path = dl_http_raw_path(req), *query = dl_http_raw_query(req);
  dl_strbuf url = {0};
  dl_strbuf_add_utf8(&url, path, strlen(path));
  if (query && *query) {
    dl_strbuf_addc(&url, '?');
    dl_strbuf_add_utf8(&url, query, strlen(query));
  }
  return dl_strbuf_detach(&url);
}

static const char *reason(unsigned status) {
  static const struct {
    unsigned status;
    const char *text;
  } reasons[] = {{400, "Bad Request"},
                 {401, "Unauthorized"},
                 {403, "Forbidden"},
                 {404, "Not Found"},
                 {409, "Conflict"},
                 {422, "Unprocessable Entity"},
                 {500, "Internal Server Error"},
                 {501, "Not Implemented"},
                 {503, "Service Unavailable"}};
  size_t i;
  for (i = 0; i < sizeof reasons / sizeof *reasons; i++) {
    if (reasons[i].status == status)
      return reasons[i].text;
  }
  return "Error";
}

static void write_error(dl_http_request *req, unsigned status,
                        const char *message) {
  char now[DL_CLOCK_TEXT];
  char *url = dl_api_url(req);
  dl_clock_iso_ms(dl_clock_now_ms(), now);
  dl_http_reply_json(req, status,
                     json_pack("{s:s,s:s,s:i,s:s,s:s}", "path", url ? url : "",
                               "timestamp", now, "statusCode", (int)status,
                               "error", reason(status), "message", message));
  free(url);
}

void dl_api_fail(dl_http_request *req, unsigned status, const char *format,
                 ...) {
  dl_strbuf text = {0};
  char *message = NULL;
  va_list ap;
  va_start(ap, format);
  if (vasprintf(&message, format, ap) < 0)
    message = NULL;
  va_end(ap);
  /* A message may quote what came in, whatever bytes that was. */
  if (message)
    dl_strbuf_add_utf8(&text, message, strlen(message));
  write_error(req, status, text.data ? text.data : "");
  dl_strbuf_free(&text);
  free(message);
}

void dl_api_broken(dl_http_request *req) {
  write_error(req, 500, "An unexpected error occurred.");
}

void dl_api_unsupported(dl_http_request *req, const char *what) {
  dl_api_fail(req, 501, "%s not supported by daytona-local", what);
}

static bool is_json(const char *type) {
  return !type || strncasecmp(type, "application/json", 16) == 0;
}

/* Whether a text in it has a NUL: there it would end where it is stored, and in
 * what a program is given. */
static bool has_nul(json_t *value) {
  const char *key;
  json_t *item;
  size_t i;
  bool has = json_is_string(value) &&
             strlen(json_string_value(value)) != json_string_length(value);
  json_array_foreach(value, i, item) {
    has = has || has_nul(item);
  }
  json_object_foreach(value, key, item) {
    has = has || has_nul(item);
  }
  return has;
}

/* Refuses what cannot be kept as it is. Names have rules of their own. */
static bool is_kept(dl_http_request *req, json_t *body) {
  const char *key;
  json_t *item;
  json_object_foreach(body, key, item) {
    if (strcmp(key, "name") != 0 && has_nul(item)) {
      dl_api_fail(req, 400, "%s must not contain NUL characters", key);
      return false;
    }
  }
  return true;
}

json_t *dl_api_body(dl_http_request *req) {
  json_t *body = NULL;
  size_t len;
  const char *data = dl_http_data(req, &len);
  if (len == 0 || !is_json(dl_http_header(req, "Content-Type")))
    return json_object();
  json_error_t why;
  body = json_loadb(data, len, JSON_ALLOW_NUL, &why);
  if (json_is_array(body)) {
    json_decref(body);
    return json_object();
  }
  if (body && is_kept(req, body))
    return body;
  if (body) {
    json_decref(body);
    return NULL;
  }
  dl_http_reply_json(req, 400,
                     json_pack("{s:s,s:s,s:i}", "message",
                               "Invalid JSON in request body", "error",
                               "Bad Request", "statusCode", 400));
  return NULL;
}

static void release(void *body) {
  json_decref(body);
}

json_t *dl_api_keep_body(dl_http_request *req) {
  json_t *body = dl_api_body(req);
  if (body)
    dl_http_set_state(req, body, release);
  return body;
}

bool dl_api_knows(dl_http_request *req, json_t *body, const dl_field *fields) {
  const char *name =
      dl_as_now()->no_newer ? NULL : dl_fields_unknown(body, fields);
  dl_strbuf what = {0};
  if (!name)
    return true;
  dl_strbuf_addf(&what, "The field '%s' is", name);
  if (what.failed)
    dl_api_broken(req);
  else
    dl_api_unsupported(req, what.data);
  dl_strbuf_free(&what);
  return false;
}

static void on_sandbox(dl_http_request *req, dl_api_action *act, bool by_name) {
  dl_plane *plane = dl_api_plane(req);
  const char *key = dl_http_param(req, "id");
  dl_sandbox sb = {0};
  pthread_mutex_lock(&plane->lock);
  int found = by_name ? dl_plane_find(plane, key, &sb)
                      : dl_store_get(plane->store, key, &sb);
  if (found == DL_STORE_FOUND)
    act(req, plane, &sb);
  else if (found == DL_STORE_ERROR)
    dl_api_broken(req);
  else
    dl_api_fail(req, 404, "Sandbox with ID%s %s not found",
                by_name ? " or name" : "", key);
  pthread_mutex_unlock(&plane->lock);
  dl_sandbox_clear(&sb);
}

void dl_api_on_sandbox(dl_http_request *req, dl_api_action *act) {
  on_sandbox(req, act, true);
}

void dl_api_on_sandbox_id(dl_http_request *req, dl_api_action *act) {
  on_sandbox(req, act, false);
}

void dl_api_save(dl_http_request *req, dl_plane *plane, dl_sandbox *sb,
                 unsigned status) {
  if (dl_plane_save(plane, sb))
    dl_api_broken(req);
  else
    dl_api_reply(req, status, plane, sb);
}

void dl_api_reply(dl_http_request *req, unsigned status, const dl_plane *plane,
                  const dl_sandbox *sb) {
  dl_strbuf answer = {0};
  dl_view_sandbox(&answer, plane, sb, false);
  dl_http_reply_json_text(req, status, &answer);
}
