#include "as.h"
#include "files.h"
#include "http/multipart.h"
#include "sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LIMIT ((size_t)64 << 10)

/* A form of "files[i].path" and "files[i].file" parts, each path before its
 * file. Files are written as they come; what went wrong with one does not stop
 * the others. */
typedef struct upload {
  dl_multipart *form;
  json_t *paths;  /* index text -> destination */
  json_t *done;   /* what is in place: {path, bytes} */
  json_t *errors; /* what is not: messages */
  enum { OTHER, PATH, CONTENT } part;
  dl_strbuf index; /* of the present part */
  dl_strbuf path;  /* the text of a path part */
  bool too_long;   /* and more than that */
  const char *destination;
  dl_sink *sink;
  json_int_t bytes;
} upload;

static void add_error(upload *u, dl_strbuf *text) {
  if (!text->failed)
    json_array_append_new(u->errors, dl_text_json_of(text->data));
  dl_strbuf_free(text);
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), k = strlen(end);
  return n >= k && strcmp(text + n - k, end) == 0;
}

/* What remains of the name without "files[" and "].path" or "].file". */
static void take_index(upload *u, const char *name, const char *suffix) {
  size_t len = strlen(name);
  if (ends_with(name, suffix))
    len -= strlen(suffix);
  if (len >= 6 && strncmp(name, "files[", 6) == 0) {
    name += 6;
    len -= 6;
  }
  dl_strbuf_clear(&u->index);
  dl_strbuf_add(&u->index, name, len);
}

static void begin_content(upload *u) {
  dl_strbuf why = {0}, text = {0};
  u->bytes = 0;
  u->destination = json_string_value(json_object_get(u->paths, u->index.data));
  if (!u->destination) {
    dl_strbuf_addf(&text, "file[%s]: missing .path metadata", u->index.data);
    add_error(u, &text);
    return;
  }
  u->sink = dl_sink_open(u->destination, &why);
  if (!u->sink) {
    dl_strbuf_addf(&text, "%s: %s", u->destination, why.data ? why.data : "");
    add_error(u, &text);
  }
  dl_strbuf_free(&why);
}

static void begin_part(void *arg, const char *name, const char *filename) {
  upload *u = arg;
  (void)filename;
  u->part = OTHER;
  if (ends_with(name, ".path")) {
    take_index(u, name, "].path");
    dl_strbuf_clear(&u->path);
    u->too_long = false;
    u->part = PATH;
  }
  else if (ends_with(name, ".file")) {
    take_index(u, name, "].file");
    u->part = CONTENT;
    begin_content(u);
  }
}

static void fail_content(upload *u, const char *what, const char *why) {
  dl_strbuf text = {0};
  dl_sink_abort(u->sink);
  u->sink = NULL;
  dl_strbuf_addf(&text, "%s: %s: %s", u->destination, what, why);
  add_error(u, &text);
}

static void part_data(void *arg, const char *data, size_t len) {
  upload *u = arg;
  if (u->part == PATH) {
    /* Once too long it stays so: what comes next may be short enough. */
    u->too_long |= len > PATH_LIMIT - u->path.len;
    if (!u->too_long)
      dl_strbuf_add(&u->path, data, len);
  }
  if (u->part != CONTENT || !u->sink)
    return;
  char text[128];
  if (dl_sink_write(u->sink, data, len) == 0)
    u->bytes += (json_int_t)len;
  else
    fail_content(u, "write", dl_envelope_errno(errno, text, sizeof text));
}

static void end_path(upload *u) {
  static const char space[] = " \t\r\n\v\f";
  dl_strbuf text = {0};
  const char *path = u->path.data ? u->path.data : "";
  bool plain = !u->too_long && !u->path.failed && strlen(path) == u->path.len;
  path += strspn(path, space);
  size_t len = strlen(path);
  while (len > 0 && strchr(space, path[len - 1]))
    len--;
  if (len > 0 && plain) {
    json_object_set_new_nocheck(u->paths, u->index.data,
                                json_stringn_nocheck(path, len));
    return;
  }
  dl_strbuf_addf(&text, "path[%s]: %s path", u->index.data,
                 len > 0 || !plain ? "invalid" : "empty");
  add_error(u, &text);
}

static void end_part(void *arg) {
  upload *u = arg;
  dl_sink *sink = u->sink;
  if (u->part == PATH)
    end_path(u);
  char text[128];
  if (u->part == CONTENT && sink) {
    u->sink = NULL;
    if (dl_sink_commit(sink))
      fail_content(u, "rename", dl_envelope_errno(errno, text, sizeof text));
    else
      json_array_append_new(u->done, json_pack("{s:o, s:I}", "path",
                                               dl_text_json_of(u->destination),
                                               "bytes", u->bytes));
  }
  u->part = OTHER;
}

static const dl_multipart_events events = {begin_part, part_data, end_part};

static void free_upload(void *state) {
  upload *u = state;
  dl_multipart_free(u->form);
  dl_sink_abort(u->sink);
  dl_strbuf_free(&u->index);
  dl_strbuf_free(&u->path);
  json_decref(u->paths);
  json_decref(u->done);
  json_decref(u->errors);
  free(u);
}

/* `done` and `errors` beside the error envelope, so that clients find the
 * reasons whichever they look for. */
static void reply(dl_http_request *req, json_t *done, json_t *errors) {
  json_t *files = json_array_size(done) ? json_incref(done) : json_null();
  dl_strbuf text = {0};
  if (json_array_size(errors) == 0) {
    dl_http_reply_json(req, 200, json_pack("{s:o}", "files", files));
    return;
  }
  if (dl_as_now()->old_errors) {
    dl_http_reply_json(
        req, 400, json_pack("{s:O, s:o}", "errors", errors, "files", files));
    return;
  }
  json_t *item;
  size_t i;
  json_array_foreach(errors, i, item) {
    dl_strbuf_addf(&text, "%s%s", i ? "; " : "", json_string_value(item));
  }
  json_t *body =
      dl_envelope_make(dl_http_method(req), dl_http_path(req), 400, NULL,
                       text.failed ? "out of memory" : text.data);
  json_object_set(body, "errors", errors);
  json_object_set_new(body, "files", files);
  dl_strbuf_free(&text);
  dl_http_reply_json(req, 400, body);
}

void dl_files_bulk_upload_begin(dl_http_request *req) {
  upload *u = calloc(1, sizeof *u);
  if (!u) {
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  dl_http_set_state(req, u, free_upload);
  u->paths = json_object();
  u->done = json_array();
  u->errors = json_array();
  u->form = dl_multipart_new(dl_http_header(req, "Content-Type"), &events, u);
  json_t *errors;
  if (!u->form) {
    errors = json_pack("[s]", "invalid multipart form");
    reply(req, NULL, errors);
    json_decref(errors);
  }
}

void dl_files_bulk_upload_body(dl_http_request *req, const char *data,
                               size_t len) {
  upload *u = dl_http_state(req);
  dl_multipart_feed(u->form, data, len);
}

void dl_files_bulk_upload_finish(dl_http_request *req) {
  upload *u = dl_http_state(req);
  const char *broken = dl_multipart_error(u->form);
  dl_strbuf text = {0};
  if (!dl_multipart_complete(u->form) && u->sink)
    fail_content(u, "write", "unexpected EOF");
  else if (!dl_multipart_complete(u->form)) {
    dl_strbuf_addf(&text, "reading part: %s",
                   broken ? broken : "unexpected EOF");
    add_error(u, &text);
  }
  reply(req, u->done, u->errors);
}
