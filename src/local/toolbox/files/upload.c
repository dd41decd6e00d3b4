#include "files.h"
#include "http/multipart.h"
#include "sink.h"
#include "toolbox/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One file that is being uploaded, as the whole body or as the form field
 * "file". */
typedef struct upload {
  bool v2;
  const char *path;
  dl_multipart *form; /* NULL: the body is the file */
  dl_sink *sink;
  bool inside; /* the present part is the file */
  bool complete;
  dl_strbuf why; /* what went wrong, empty if nothing */
} upload;

static void open_file(upload *u) {
  u->sink = dl_sink_open(u->path, &u->why);
}

static void write_file(upload *u, const char *data, size_t len) {
  if (!u->sink || u->why.len > 0 || dl_sink_write(u->sink, data, len) == 0)
    return;
  char text[128];
  dl_strbuf_addf(&u->why, "write: %s",
                 dl_envelope_errno(errno, text, sizeof text));
  dl_sink_abort(u->sink);
  u->sink = NULL;
}

/* The older endpoint only takes parts that have a file name. */
static void begin_part(void *arg, const char *name, const char *filename) {
  upload *u = arg;
  u->inside = strcmp(name, "file") == 0 && (u->v2 || filename) && !u->sink &&
              !u->complete && u->why.len == 0;
  if (u->inside)
    open_file(u);
}

static void part_data(void *arg, const char *data, size_t len) {
  upload *u = arg;
  if (u->inside)
    write_file(u, data, len);
}

static void end_part(void *arg) {
  upload *u = arg;
  if (u->inside)
    u->complete = true;
  u->inside = false;
}

static const dl_multipart_events events = {begin_part, part_data, end_part};

static void free_upload(void *state) {
  upload *u = state;
  dl_multipart_free(u->form);
  dl_sink_abort(u->sink);
  dl_strbuf_free(&u->why);
  free(u);
}

static void begin(dl_http_request *req, bool v2) {
  const char *type = dl_http_header(req, "Content-Type");
  const char *path = dl_files_path(req, "path");
  if (!path)
    return;
  upload *u;
  u = calloc(1, sizeof *u);
  if (!u) {
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  dl_http_set_state(req, u, free_upload);
  u->v2 = v2;
  u->path = path;
  if (dl_multipart_is(type) || !v2) {
    u->form = dl_multipart_new(type ? type : "", &events, u);
    if (!u->form)
      dl_http_reply_error(req, 400, NULL,
                          "bad request: invalid multipart form");
  }
  else {
    open_file(u);
    u->complete = true;
  }
}

/* POST /files/upload, before the body */
void dl_files_upload_begin(dl_http_request *req) {
  begin(req, false);
}

void dl_files_upload_v2_begin(dl_http_request *req) {
  begin(req, true);
}

void dl_files_upload_body(dl_http_request *req, const char *data, size_t len) {
  upload *u = dl_http_state(req);
  if (u->form)
    dl_multipart_feed(u->form, data, len);
  else
    write_file(u, data, len);
}

/* Puts the file in place if all of it has come. */
static void commit(upload *u) {
  dl_sink *sink = u->sink;
  u->sink = NULL;
  char text[128];
  if (dl_sink_commit(sink))
    dl_strbuf_addf(&u->why, "rename: %s",
                   dl_envelope_errno(errno, text, sizeof text));
}

void dl_files_upload_finish(dl_http_request *req) {
  upload *u = dl_http_state(req);
  if (u->why.len == 0 && u->form && !dl_multipart_complete(u->form))
    dl_strbuf_adds(&u->why, "unexpected EOF");
  if (u->why.len == 0 && !u->complete)
    dl_strbuf_adds(&u->why, "the form has no field \"file\"");
  if (u->why.len == 0)
    commit(u);
  if (u->why.len > 0)
    dl_http_reply_error(req, 400, NULL, "bad request: %s", u->why.data);
  else if (u->v2)
    dl_http_reply_json(req, 200,
                       json_pack("{s:o, s:o, s:s}", "name",
                                 dl_text_json_of(dl_path_base(u->path)), "path",
                                 dl_text_json_of(u->path), "type", "file"));
  else
    dl_http_reply_empty(req, 200);
}
