#include "crypto.h"
#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define FILE_BLOCK ((size_t)256 << 10)

/* Adds a header to the coming reply. Line breaks in the value are refused. */
void dl_http_add_header(dl_http_request *req, const char *name,
                        const char *value) {
  dl_http_extra *h, **end = &req->headers;
  if (strpbrk(value, "\r\n"))
    return;
  h = calloc(1, sizeof *h);
  if (!h)
    return;
  h->name = strdup(name);
  h->value = strdup(value);
  if (!h->name || !h->value) {
    free(h->name);
    free(h->value);
    free(h);
    return;
  }
  while (*end)
    end = &(*end)->next;
  *end = h;
}

static bool has_header(const dl_http_request *req, const char *name) {
  const dl_http_extra *h = req->headers;
  while (h && strcasecmp(h->name, name) != 0)
    h = h->next;
  return h != NULL;
}

void dl_http_reply_response(dl_http_request *req, unsigned status,
                            struct MHD_Response *response) {
  if (req->response || req->dropped) {
    if (response)
      MHD_destroy_response(response);
    return;
  }
  if (!response) {
    status = 500;
    response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
  }
  req->response = response;
  req->status = status;
  char id[DL_CRYPTO_UUID];
  if (response && status != MHD_HTTP_SWITCHING_PROTOCOLS &&
      !dl_http_header(req, "X-Request-Id") &&
      !has_header(req, "X-Request-Id") && dl_crypto_uuid(id) == 0)
    MHD_add_response_header(response, "X-Request-Id", id);
}

void dl_http_reply_memory(dl_http_request *req, unsigned status,
                          const char *type, char *data, size_t len) {
  struct MHD_Response *response =
      data ? MHD_create_response_from_buffer(len, data, MHD_RESPMEM_MUST_FREE)
           : NULL;
  if (response && type)
    MHD_add_response_header(response, "Content-Type", type);
  if (data && !response)
    free(data);
  else if (data)
    dl_record_answer(req->record, data, len);
  dl_http_reply_response(req, status, response);
}

static void reply_json(dl_http_request *req, unsigned status, char *text,
                       size_t len) {
  dl_http_reply_memory(req, status, "application/json; charset=utf-8", text,
                       len);
}

void dl_http_reply_json(dl_http_request *req, unsigned status, json_t *body) {
  char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
  json_decref(body);
  reply_json(req, status, text, text ? strlen(text) : 0);
}

void dl_http_reply_json_text(dl_http_request *req, unsigned status,
                             dl_strbuf *text) {
  size_t len = text->len;
  reply_json(req, status, dl_strbuf_detach(text), len);
}

void dl_http_reply_text(dl_http_request *req, unsigned status, const char *type,
                        const char *text) {
  char *copy = strdup(text);
  dl_http_reply_memory(req, status, type, copy, strlen(text));
}

void dl_http_reply_empty(dl_http_request *req, unsigned status) {
  dl_http_reply_response(
      req, status,
      MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
}

typedef struct file {
  int fd;
  uint64_t offset;
} file;

/* A file that has become shorter breaks the answer off. */
static ssize_t read_file(void *state, uint64_t at, char *buffer, size_t size) {
  const file *f = state;
  ssize_t n;
  do
    n = pread(f->fd, buffer, size, (off_t)(f->offset + at));
  while (n < 0 && errno == EINTR);
  return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void close_file(void *state) {
  file *f = state;
  close(f->fd);
  free(f);
}

void dl_http_reply_fd(dl_http_request *req, unsigned status, int fd,
                      uint64_t offset, uint64_t len) {
  file *f = malloc(sizeof *f);
  struct MHD_Response *response = NULL;
  if (f) {
    f->fd = fd;
    f->offset = offset;
    response = MHD_create_response_from_callback(len, FILE_BLOCK, read_file, f,
                                                 close_file);
    if (!response)
      close_file(f);
  }
  else
    close(fd);
  dl_http_reply_response(req, status, response);
}

void dl_http_reply_stream(dl_http_request *req, unsigned status, int64_t len,
                          MHD_ContentReaderCallback read, void *state,
                          MHD_ContentReaderFreeCallback release) {
  uint64_t size = len < 0 ? MHD_SIZE_UNKNOWN : (uint64_t)len;
  struct MHD_Response *response = MHD_create_response_from_callback(
      size, (size_t)64 << 10, read, state, release);
  if (!response && release)
    release(state);
  dl_http_reply_response(req, status, response);
}

void dl_http_reply_error(dl_http_request *req, unsigned status,
                         const char *code, const char *format, ...) {
  dl_strbuf text = {0};
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  char line[512];
  int n = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (n >= (int)sizeof line && dl_strbuf_reserve(&text, (size_t)n) == 0)
    vsnprintf(text.data, (size_t)n + 1, format, again);
  va_end(again);
  req->server->config.error(req, status, code,
                            text.data && !text.failed ? text.data : line);
  dl_strbuf_free(&text);
}

void dl_http_drop(dl_http_request *req) {
  req->dropped = true;
}

bool dl_http_replied(const dl_http_request *req) {
  return req->response != NULL || req->dropped;
}
