#include "disposition.h"
#include "files.h"
#include "toolbox/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOUNDARY "DAYTONA-FILE-BOUNDARY"

/* The answer as it is being sent: `text` up to its end, then `left` bytes of
 * `fd`, then the next part. */
typedef struct bulk {
  json_t *paths;
  size_t next;
  bool closed; /* the closing boundary is in `text` */
  dl_strbuf text;
  size_t sent;
  int fd;
  uint64_t left;
} bulk;

static void add_part_head(bulk *b, const char *name, const char *path,
                          const char *type, uint64_t size, bool sized) {
  dl_strbuf_addf(&b->text, "%s--" BOUNDARY "\r\n", b->next > 1 ? "\r\n" : "");
  dl_strbuf_addf(&b->text, "Content-Disposition: form-data; name=\"%s\"; ",
                 name);
  dl_disposition_add_filename(&b->text, path);
  if (sized)
    dl_strbuf_addf(&b->text, "\r\nContent-Length: %llu",
                   (unsigned long long)size);
  dl_strbuf_addf(&b->text, "\r\nContent-Type: %s\r\n\r\n", type);
}

static void add_error(bulk *b, const char *path, unsigned status,
                      const char *code, const char *message,
                      const char *detail) {
  dl_strbuf text = {0};
  dl_strbuf_addf(&text, "%s%s", message, detail);
  json_t *envelope = dl_envelope_make("POST", path, status, code,
                                      text.failed ? message : text.data);
  char *json = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;
  add_part_head(b, "error", path, "application/json; charset=utf-8", 0, false);
  dl_strbuf_adds(&b->text, json ? json : "{}");
  free(json);
  json_decref(envelope);
  dl_strbuf_free(&text);
}

static void add_open_error(bulk *b, const char *path, int error) {
  char text[128];
  if (error == ENOENT)
    add_error(b, path, 404, "FILE_NOT_FOUND", "file not found: ", path);
  else if (error == EACCES || error == EPERM)
    add_error(b, path, 403, "FILE_ACCESS_DENIED", "permission denied: ", path);
  else
    add_error(b, path, 500, "FILE_READ_FAILED", "failed to open file: ",
              dl_envelope_errno(error, text, sizeof text));
}

static void begin_file(bulk *b, const char *path) {
  if (!*path) {
    add_error(b, path, 400, "INVALID_FILE_PATH",
              "invalid file path: path is empty", "");
    return;
  }
  b->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  if (b->fd < 0 || fstat(b->fd, &st))
    add_open_error(b, path, errno);
  else if (S_ISDIR(st.st_mode))
    add_error(b, path, 400, "INVALID_FILE_PATH",
              "invalid file path: path points to a directory: ", path);
  else if (!S_ISREG(st.st_mode))
    add_error(b, path, 400, "INVALID_FILE_PATH",
              "invalid file path: not a regular file: ", path);
  else {
    b->left = (uint64_t)st.st_size;
    add_part_head(b, "file", path, dl_disposition_type(path), b->left, true);
    return;
  }
  if (b->fd >= 0)
    close(b->fd);
  b->fd = -1;
}

/* Prepares what comes after the present part. */
static void advance(bulk *b) {
  dl_strbuf_clear(&b->text);
  b->sent = 0;
  if (b->fd >= 0)
    close(b->fd);
  b->fd = -1;
  if (b->next < json_array_size(b->paths))
    begin_file(b, json_string_value(json_array_get(b->paths, b->next++)));
  else {
    dl_strbuf_adds(&b->text, "\r\n--" BOUNDARY "--\r\n");
    b->closed = true;
  }
}

/* A file that turns out shorter than announced ends the answer without its
 * closing boundary, which is how the client sees it. */
static ssize_t read_bulk(void *state, uint64_t at, char *buffer, size_t size) {
  bulk *b = state;
  (void)at;
  if (b->sent == b->text.len && b->left == 0) {
    if (b->closed)
      return MHD_CONTENT_READER_END_OF_STREAM;
    advance(b);
  }
  if (b->text.failed)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  if (b->sent < b->text.len) {
    if (size > b->text.len - b->sent)
      size = b->text.len - b->sent;
    memcpy(buffer, b->text.data + b->sent, size);
    b->sent += size;
    return (ssize_t)size;
  }
  ssize_t n;
  do
    n = read(b->fd, buffer, size < b->left ? size : (size_t)b->left);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  b->left -= (uint64_t)n;
  return n;
}

static void free_bulk(void *state) {
  bulk *b = state;
  if (b->fd >= 0)
    close(b->fd);
  dl_strbuf_free(&b->text);
  json_decref(b->paths);
  free(b);
}

void dl_files_bulk_download(dl_http_request *req) {
  dl_input in;
  dl_input_begin(&in, req, "FilesDownloadRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  json_t *paths = dl_input_strings(&in, "paths", true);
  if (!dl_input_ok(&in))
    return;
  if (json_array_size(paths) == 0) {
    dl_http_reply_error(
        req, 400, NULL,
        "request body must be {\"paths\": [ ... ]} and non-empty");
    return;
  }
  bulk *b;
  b = calloc(1, sizeof *b);
  if (!b) {
    dl_http_reply_error(req, 500, NULL, "out of memory");
    return;
  }
  b->paths = json_incref(paths);
  b->fd = -1;
  dl_http_add_header(req, "Content-Type",
                     "multipart/form-data; boundary=" BOUNDARY);
  dl_http_reply_stream(req, 200, -1, read_bulk, b, free_bulk);
}
