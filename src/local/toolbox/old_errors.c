#include "old_errors.h"

#include <stdlib.h>
#include <string.h>

/* How servers say what failed that have not one object for it everywhere. */

typedef enum family {
  OBJECT,   /* the object, with generic codes */
  WRAPPED,  /* the object of an error that lost its kind: always 500 */
  NOTHING,  /* the status alone */
  SENTENCE, /* {"error": ...} */
} family;

typedef struct rule {
  const char *start; /* of the path */
  const char *end;
  unsigned status; /* 0: any */
  family family;
} rule;

/* The first that fits. */
static const rule rules[] = {{"/files/bulk-", "", 0, SENTENCE},
                             {"/files", "", 0, NOTHING},
                             {"/init", "", 0, NOTHING},
                             {"/lsp/", "", 0, NOTHING},
                             {"/port/", "", 0, NOTHING},
                             {"/process/interpreter/", "", 0, NOTHING},
                             {"/process/pty", "", 0, SENTENCE},
                             {"/process/session/entrypoint/", "", 0, OBJECT},
                             {"/process/session/", "/exec", 400, NOTHING},
                             {"/process/session/", "/exec", 500, WRAPPED}};

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), k = strlen(end);
  return n >= k && strcmp(text + n - k, end) == 0;
}

static family family_of(const char *path, unsigned status) {
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    const rule *r = &rules[i];
    if (strncmp(path, r->start, strlen(r->start)) == 0 &&
        ends_with(path, r->end) && (r->status == 0 || r->status == status))
      return r->family;
  }
  return OBJECT;
}

/* The sentence without the kind of error before it. */
static const char *without_kind(const char *message) {
  static const char *const kinds[] = {
      "bad request: ", "not found: ", "conflict: ", "gone: ",
      "internal server error: "};
  size_t i;
  for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strncmp(message, kinds[i], strlen(kinds[i])) == 0)
      return message + strlen(kinds[i]);
  }
  return message;
}

static void reply_object(dl_http_request *req, unsigned status, json_t *body) {
  char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
  json_decref(body);
  dl_http_reply_memory(req, status, "application/json", text,
                       text ? strlen(text) : 0);
}

void dl_old_errors_write(dl_http_request *req, unsigned status,
                         const char *code, const char *message) {
  json_t *body = dl_envelope_make(dl_http_method(req), dl_http_path(req),
                                  status, NULL, message);
  (void)code;
  if (strcmp(dl_http_path(req), "/files/bulk-download") == 0)
    message = "request body must be {\"paths\": [ ... ]} and non-empty";
  switch (status == 401 ? OBJECT : family_of(dl_http_path(req), status)) {
    case NOTHING:
      json_decref(body);
      dl_http_reply_empty(req, status);
      break;
    case SENTENCE:
      json_decref(body);
      dl_http_reply_json(req, status,
                         json_pack("{s:s}", "error", without_kind(message)));
      break;
    case WRAPPED:
      json_object_del(body, "code");
      json_object_del(body, "method");
      json_object_set_new(body, "timestamp",
                          json_string("0001-01-01T00:00:00Z"));
      json_object_set_new(body, "path", json_string(""));
      reply_object(req, status, body);
      break;
    default:
      reply_object(req, status, body);
  }
}
