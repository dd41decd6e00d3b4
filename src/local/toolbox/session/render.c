#include "render.h"
#include "fd.h"
#include "lend.h"
#include "toolbox/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A log as the body of an answer. It may be long, and JSON has it up to three
 * times, so the file is read as the answer is sent. */

#define READ_SIZE ((size_t)32 << 10)
#define AT_ONCE ((uint64_t)64 << 10)
#define TEXT_TYPE "text/plain; charset=utf-8"

/* Which bytes of the log a part has. */
typedef enum filter { RAW, MERGED, ONLY_STDOUT, ONLY_STDERR, END } filter;

typedef struct part {
  const char *before; /* text that is sent first */
  filter filter;
} part;

static const part modern_json[] = {{"\"output\":\"", RAW},
                                   {"\",\"stdout\":\"", ONLY_STDOUT},
                                   {"\",\"stderr\":\"", ONLY_STDERR},
                                   {"\"}", END}};
static const part split_json[] = {
    {"\"stdout\":null,\"stderr\":null,\"output\":\"", RAW}, {"\"}", END}};
static const part combined_json[] = {
    {"\"stdout\":null,\"stderr\":null,\"output\":\"", MERGED}, {"\"}", END}};
static const part merged_text[] = {{"", MERGED}, {"", END}};
static const part raw_text[] = {{"", RAW}, {"", END}};

typedef struct rendering {
  int fd;
  uint64_t size; /* what is written later is not part of it */
  const part *part;
  bool is_json;
  bool begun; /* the part is */
  bool over;
  uint64_t at;
  dt_markers marks;
  dl_strbuf bytes; /* of the part, not yet in `out` */
  dl_strbuf out;
  size_t out_at;
  char read[READ_SIZE];
} rendering;

static void release(void *cls) {
  rendering *r = cls;
  dl_fd_close(&r->fd);
  dl_strbuf_free(&r->bytes);
  dl_strbuf_free(&r->out);
  free(r);
}

/* Appends text as it stands between the quotes of a JSON string. */
static void add_json(dl_strbuf *out, const char *data, size_t len) {
  json_t *text = dl_text_json(data, len);
  char *quoted = text ? json_dumps(text, JSON_ENCODE_ANY) : NULL;
  if (quoted)
    dl_strbuf_add(out, quoted + 1, strlen(quoted) - 2);
  out->failed |= !quoted;
  free(quoted);
  json_decref(text);
}

/* Moves what was chosen to the output; a character that is not complete waits
 * for the rest of it, unless this is the end of the part. */
static void move_bytes(rendering *r, bool at_end) {
  size_t rest = 0, n;
  char start[4] = "";
  if (!r->is_json)
    dl_strbuf_add(&r->out, r->bytes.data, r->bytes.len);
  else {
    if (!at_end)
      rest = dl_strbuf_utf8_start(r->bytes.data, r->bytes.len);
    n = r->bytes.len - rest;
    add_json(&r->out, r->bytes.data, n);
    memcpy(start, r->bytes.data + n, rest);
  }
  dl_strbuf_clear(&r->bytes);
  dl_strbuf_add(&r->bytes, start, rest);
}

static void choose(rendering *r, const dt_markers_piece *piece) {
  if (r->part->filter == MERGED ||
      (r->part->filter == ONLY_STDOUT && piece->stream == DT_MARKERS_STDOUT) ||
      (r->part->filter == ONLY_STDERR && piece->stream == DT_MARKERS_STDERR))
    dl_strbuf_add(&r->bytes, piece->data, piece->length);
}

static void take(rendering *r, const char *data, size_t len) {
  dt_markers_piece piece;
  if (r->part->filter == RAW)
    dl_strbuf_add(&r->bytes, data, len);
  else {
    while (dt_markers_read(&r->marks, &data, &len, &piece))
      choose(r, &piece);
  }
}

/* Adds to the output: the text before a part, or some of the part, or its
 * end. */
static void render_some(rendering *r) {
  uint64_t left = r->size - r->at;
  if (!r->begun) {
    dl_strbuf_adds(&r->out, r->part->before);
    r->over = r->part->filter == END;
    r->begun = true;
    r->at = 0;
    return;
  }
  ssize_t n = pread(r->fd, r->read, left < READ_SIZE ? (size_t)left : READ_SIZE,
                    (off_t)r->at);
  dt_markers_piece piece;
  if (n > 0) {
    r->at += (uint64_t)n;
    take(r, r->read, (size_t)n);
  }
  else if (dt_markers_end(&r->marks, &piece))
    choose(r, &piece);
  if (r->bytes.len > 0)
    move_bytes(r, n <= 0);
  if (n <= 0) {
    r->part++;
    r->begun = false;
  }
}

static ssize_t read_rendering(void *cls, uint64_t pos, char *to, size_t max) {
  rendering *r = cls;
  (void)pos;
  if (r->out_at == r->out.len) {
    dl_strbuf_clear(&r->out);
    r->out_at = 0;
  }
  while (r->out.len == 0 && !r->over)
    render_some(r);
  if (r->out.failed || r->bytes.failed)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  size_t n = r->out.len - r->out_at;
  if (n == 0)
    return MHD_CONTENT_READER_END_OF_STREAM;
  if (n > max)
    n = max;
  memcpy(to, r->out.data + r->out_at, n);
  r->out_at += n;
  return (ssize_t)n;
}

static void reply_whole(dl_http_request *req, const char *type, rendering *r) {
  while (!r->over)
    render_some(r);
  if (r->bytes.failed)
    r->out.failed = true;
  size_t len = r->out.len;
  dl_http_reply_memory(req, 200, type, dl_strbuf_detach(&r->out), len);
}

static void reply_stream(dl_http_request *req, const char *type, rendering *r) {
  struct MHD_Response *response = MHD_create_response_from_callback(
      MHD_SIZE_UNKNOWN, 2 * READ_SIZE, read_rendering, r, release);
  if (response)
    MHD_add_response_header(response, "Content-Type", type);
  else
    release(r);
  dl_http_reply_response(req, 200, response);
}

/* Opens the log as far as it is written. NULL if the request has been answered
 * with an error. */
static rendering *open_rendering(dl_http_request *req, dl_command *command) {
  bool done;
  int error;
  uint64_t size = dl_command_progress(command, NULL, &done, &error);
  char text[128];
  if (error) {
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: the log is not complete: %s",
                        dl_envelope_errno(error, text, sizeof text));
    return NULL;
  }
  int fd = dl_command_open_log(command);
  rendering *r;
  r = fd >= 0 ? calloc(1, sizeof *r) : NULL;
  if (!r) {
    dl_http_reply_error(
        req, fd < 0 && errno == ENOENT ? 404 : 500, NULL, "%s: log file",
        fd < 0 && errno == ENOENT ? "not found" : "internal server error");
    dl_fd_close(&fd);
    return NULL;
  }
  r->fd = fd;
  r->size = size;
  return r;
}

static void reply(dl_http_request *req, rendering *r, const part *parts) {
  const char *type = r->is_json ? "application/json; charset=utf-8" : TEXT_TYPE;
  r->part = parts;
  if (r->size > AT_ONCE)
    reply_stream(req, type, r);
  else {
    reply_whole(req, type, r);
    release(r);
  }
}

/* The bytes of the log as they are stored: the door may read them itself. */
static void reply_file(dl_http_request *req, rendering *r) {
  dl_http_add_header(req, "Content-Type", TEXT_TYPE);
  if (!dl_lend_file(req, 200, r->fd, 0, r->size)) {
    dl_http_reply_fd(req, 200, r->fd, 0, r->size);
    r->fd = -1;
  }
  release(r);
}

void dl_session_render_logs(dl_http_request *req, dl_command *command,
                            dl_sdk_class class) {
  rendering *r = open_rendering(req, command);
  if (!r)
    return;
  if (class == DL_SDK_SPLIT && r->size > AT_ONCE) {
    reply_file(req, r);
    return;
  }
  r->is_json = class == DL_SDK_MODERN;
  if (r->is_json)
    dl_strbuf_addc(&r->out, '{');
  reply(req, r,
        class == DL_SDK_MODERN  ? modern_json
        : class == DL_SDK_SPLIT ? raw_text
                                : merged_text);
}

void dl_session_render_result(dl_http_request *req, dl_command *command,
                              dl_sdk_class class) {
  rendering *r = open_rendering(req, command);
  if (!r)
    return;
  r->is_json = true;
  dl_strbuf_addf(&r->out, "{\"cmdId\":\"%s\",\"exitCode\":%d,", command->id,
                 command->exit_code);
  reply(req, r,
        class == DL_SDK_MODERN  ? modern_json
        : class == DL_SDK_SPLIT ? split_json
                                : combined_json);
}
