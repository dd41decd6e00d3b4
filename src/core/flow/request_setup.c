/* The request as libcurl is told of it: options, and the callbacks, which
 * never call Lua. */
#include "request_setup.h"

#include <stdbool.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apart.h"
#include "effect.h"
#include "handle.h"
#include "link.h"
#include "pulse.h"
#include "request_head.h"
#include "route.h"

enum {
  MAX_ERROR_BYTES = 64 * 1024,
  TRANSFER_BUFFER = 512 * 1024,
  STALL_SECONDS = 60 /* without a byte a file transfer is given up */
};

static bool is_exchange(const dt_request *r) {
  return (r->operation->flags & DT_EXCHANGE) != 0;
}

bool dt_request_is_page_type(const char *type) {
  return curl_strnequal(type, "text/html", 9) ||
         curl_strnequal(type, "application/xhtml", 17);
}

/* Whether a page for people comes where a file was asked for: that of a proxy
 * or a wrong server.  A file of the sandbox is never called so. */
static bool is_page(dt_request *r, long status) {
  char *type = NULL;
  if (status < 200 || status > 299 || r->sink.done > 0 || r->is_page ||
      (!r->parts && r->operation->body != DT_DOWNLOAD) || is_exchange(r))
    return r->is_page;
  curl_easy_getinfo(r->transfer.easy, CURLINFO_CONTENT_TYPE, &type);
  r->is_page = type && dt_request_is_page_type(type);
  return r->is_page;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
  dt_request *r = arg;
  long status = 0;
  size_t n = size * count;
  if (r->sink.discards)
    return n;
  curl_easy_getinfo(r->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  if (is_page(r, status)) {
    size_t room = MAX_ERROR_BYTES - r->error_body.len;
    return dt_buffer_add(&r->error_body, data, n < room ? n : room) ? n : 0;
  }
  if (r->parts && status == 200) {
    char *type = NULL;
    curl_easy_getinfo(r->transfer.easy, CURLINFO_CONTENT_TYPE, &type);
    dt_parts_write(r->parts, type, data, n);
    r->sink.done += (curl_off_t)n;
    return n;
  }
  if (r->range[0] && (status == 200 || r->begins != r->offset)) {
    r->other_bytes = 1;
    return 0;
  }
  bool is_result = is_exchange(r) || (status >= 200 && status < 300);
  if (is_result && dt_sink_is_full(&r->sink, n))
    return CURL_WRITEFUNC_PAUSE;
  if (is_result)
    return dt_sink_write(&r->sink, data, n) ? n : 0;
  size_t limit = r->sources ? r->sink.limit : MAX_ERROR_BYTES;
  if (n > limit - r->error_body.len)
    return 0; /* more than any error message needs: the status is enough */
  return dt_buffer_add(&r->error_body, data, n) ? n : 0;
}

/* libcurl sends a request again by itself when a kept connection breaks before
 * the first byte of the answer; the server may have acted on the first.  It
 * does so, too, when the server has refused the stream, and then it may.
 * Nothing goes out where its answer could not come: see dt_link_is_fit. */
static int on_send(void *arg, char *remote, char *local, int remote_port,
                   int local_port) {
  dt_request *r = arg;
  int broke = r->sendings++ > 0 && !dt_link_was_refused(&r->transfer, r->error);
  (void)local;
  r->not_resent = broke && !dt_effect_is_idempotent(r);
  if (!r->not_resent)
    dt_link_sending(&r->client->driver, &r->transfer, remote, remote_port,
                    local_port, r->url.data);
  if (broke)
    dt_pulse_died(&r->transfer);
  if (r->not_resent)
    return CURL_PREREQFUNC_ABORT;
  r->unfit = !dt_link_is_fit(r->transfer.sending.link);
  r->sendings -= r->unfit;
  return r->unfit ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Options of a new handle. */
static CURLcode set_constants(dt_client *c, CURL *easy) {
  CURLcode code = dt_handle_set_constants(c, easy);
  DT_SET(code, easy, CURLOPT_HEADERFUNCTION, dt_request_on_header);
  DT_SET(code, easy, CURLOPT_WRITEFUNCTION, on_body);
  DT_SET(code, easy, CURLOPT_PREREQFUNCTION, on_send);
  return code == CURLE_OK ? dt_link_observe(&c->driver, easy) : code;
}

/* Options that point to the request. */
static CURLcode set_pointers(dt_request *r) {
  CURL *easy = r->transfer.easy;
  CURLcode code = CURLE_OK;
  DT_SET(code, easy, CURLOPT_PRIVATE, &r->transfer);
  DT_SET(code, easy, CURLOPT_ERRORBUFFER, r->error);
  DT_SET(code, easy, CURLOPT_HEADERDATA, r);
  DT_SET(code, easy, CURLOPT_WRITEDATA, r);
  DT_SET(code, easy, CURLOPT_PREREQDATA, r);
  DT_SET(code, easy, CURLOPT_OPENSOCKETDATA, &r->socket_error);
  DT_SET(code, easy, CURLOPT_DEBUGDATA, &r->transfer);
  return code;
}

/* Options that hold for all that goes the same way.  Calls at once share a
 * connection where they can; without TLS they cannot, and would wait for an
 * answer to learn it. */
static CURLcode set_way(dt_request *r) {
  CURL *easy = r->transfer.easy;
  CURLcode code = CURLE_OK;
  long over_tls = r->way & DT_WAY_TLS ? 1L : 0L;
  DT_SET(code, easy, CURLOPT_PROXY, r->way & DT_WAY_LOOPBACK ? "" : NULL);
  DT_SET(code, easy, CURLOPT_PIPEWAIT, over_tls);
  DT_SET(code, easy, CURLOPT_VERBOSE, over_tls); /* see dt_link_on_debug */
  r->bound_way = code == CURLE_OK ? r->way : 0;
  return code;
}

/* Method and body of a request without a source.  libcurl does not copy the
 * body: it is the request's; having one makes it a POST. */
static CURLcode set_method(CURL *easy, const char *method, const char *body,
                           size_t n) {
  CURLcode code = CURLE_OK;
  int post = strcmp(method, "POST") == 0;
  const char *custom = post || strcmp(method, "GET") == 0 ? NULL : method;
  if (body || post) {
    DT_SET(code, easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
    DT_SET(code, easy, CURLOPT_POSTFIELDS, body ? body : "");
    custom = post ? NULL : method;
  }
  else if (strcmp(method, "HEAD") == 0)
    DT_SET(code, easy, CURLOPT_NOBODY, 1L);
  else
    DT_SET(code, easy, CURLOPT_HTTPGET, 1L);
  DT_SET(code, easy, CURLOPT_CUSTOMREQUEST, custom);
  return code;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

/* The text field comes first: the server reads parts in order. */
CURLcode dt_request_add_file(dt_request *r, size_t i, const char *path,
                             size_t n, dt_source *source) {
  char path_name[48], file_name[48];
  CURLcode code = CURLE_OUT_OF_MEMORY;
  curl_mimepart *text, *file;
  if (!r->mime)
    r->mime = curl_mime_init(r->transfer.easy);
  if (!r->mime || !(text = curl_mime_addpart(r->mime)) ||
      !(file = curl_mime_addpart(r->mime)))
    return code;
  snprintf(path_name, sizeof path_name, "files[%zu].path", i);
  snprintf(file_name, sizeof file_name, "files[%zu].file", i);
  code = curl_mime_name(text, path_name);
  if (code == CURLE_OK)
    code = curl_mime_data(text, path, n);
  if (code == CURLE_OK)
    code = curl_mime_name(file, file_name);
  if (code == CURLE_OK)
    code = curl_mime_filename(file, base_name(path));
  if (code == CURLE_OK)
    code = curl_mime_type(file, "application/octet-stream");
  if (code == CURLE_OK)
    code = curl_mime_data_cb(file, source->size, dt_source_read, dt_source_seek,
                             NULL, source);
  return code;
}

static CURLcode set_form(dt_request *r, const char *path, size_t n) {
  CURLcode code =
      r->sources ? CURLE_OK : dt_request_add_file(r, 0, path, n, &r->source);
  DT_SET(code, r->transfer.easy, CURLOPT_MIMEPOST, r->mime);
  DT_SET(code, r->transfer.easy, CURLOPT_CUSTOMREQUEST, NULL);
  return code;
}

static CURLcode set_raw_body(dt_request *r) {
  CURL *easy = r->transfer.easy;
  CURLcode code = CURLE_OK;
  DT_SET(code, easy, CURLOPT_UPLOAD, 1L);
  DT_SET(code, easy, CURLOPT_CUSTOMREQUEST, r->operation->method);
  DT_SET(code, easy, CURLOPT_INFILESIZE_LARGE, r->source.size);
  DT_SET(code, easy, CURLOPT_READFUNCTION, dt_source_read);
  DT_SET(code, easy, CURLOPT_READDATA, &r->source);
  DT_SET(code, easy, CURLOPT_SEEKFUNCTION, dt_source_seek);
  DT_SET(code, easy, CURLOPT_SEEKDATA, &r->source);
  return code;
}

/* File transfers: larger buffers, and an end to stalls. */
static CURLcode set_streaming(CURL *easy, int upload) {
  CURLcode code = CURLE_OK;
  DT_SET(code, easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  DT_SET(code, easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
  if (upload)
    DT_SET(code, easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)TRANSFER_BUFFER);
  else
    DT_SET(code, easy, CURLOPT_BUFFERSIZE, (long)TRANSFER_BUFFER);
  return code;
}

bool dt_request_is_special(const dt_request *r) {
  return (!r->method && r->operation->body != DT_JSON) || dt_apart_is_wanted(r);
}

static CURLcode set_body(dt_request *r, const char *form_path, size_t n) {
  const dt_operation *op = r->operation;
  CURL *easy = r->transfer.easy;
  const char *body = r->body.len > 0 ? r->body.data : NULL;
  CURLcode code;
  if (r->method || op->body == DT_JSON)
    return set_method(easy, r->method ? r->method : op->method, body,
                      r->body.len);
  r->plain = 0;
  code = CURLE_OK;
  if (r->range[0])
    DT_SET(code, easy, CURLOPT_RANGE, r->range);
  if (code != CURLE_OK)
    return code;
  if (op->body == DT_UPLOAD || op->body == DT_UPLOADS)
    code = set_form(r, form_path, n);
  else if (op->body == DT_RAW_BODY)
    code = set_raw_body(r);
  else
    code = set_method(easy, op->method, body, r->body.len);
  if (code == CURLE_OK)
    code = set_streaming(easy, op->body != DT_DOWNLOAD && !r->parts);
  return code;
}

const struct curl_slist *dt_request_headers(const dt_request *r) {
  dt_header_list kind = r->operation->body == DT_UPLOAD ||
                                r->operation->body == DT_UPLOADS ||
                                r->operation->body == DT_RAW_BODY
                            ? DT_HEADERS_UPLOAD
                        : r->body.len == 0                ? DT_HEADERS_PLAIN
                        : r->body.len < DT_ANNOUNCED_BODY ? DT_HEADERS_JSON
                                                          : DT_HEADERS_LARGE;
  return r->client->headers[kind];
}

CURLcode dt_request_setup(dt_request *r, const char *form_path, size_t n,
                          double seconds, dt_handle_state state) {
  dt_client *c = r->client;
  CURL *easy = r->transfer.easy;
  CURLcode code = state == DT_HANDLE_NEW ? set_constants(c, easy) : CURLE_OK;
  if (code == CURLE_OK && state != DT_HANDLE_BOUND)
    code = set_pointers(r);
  if (code == CURLE_OK)
    code = set_body(r, form_path, n);
  r->plain = r->plain && !dt_request_is_special(r);
  if (code == CURLE_OK && dt_apart_is_wanted(r))
    code = dt_apart_set_up(r);
  DT_SET(code, easy, CURLOPT_URL, r->url.data);
  if (code == CURLE_OK && (state != DT_HANDLE_BOUND || r->bound_way != r->way))
    code = set_way(r);
  if (__atomic_load_n(&c->driver.doubts, __ATOMIC_RELAXED) > 0) {
    r->plain = 0;
    DT_SET(code, easy, CURLOPT_FRESH_CONNECT, 1L);
  }
  DT_SET(code, easy, CURLOPT_HTTPHEADER,
         r->headers ? r->headers : dt_request_headers(r));
  if (!(seconds <= 2e6)) /* more than can be said in ms: no limit */
    seconds = 0;
  r->timeout = (long)ceil(seconds * 1000);
  DT_SET(code, easy, CURLOPT_TIMEOUT_MS, r->timeout);
  return code;
}

/* What passed is remembered up to the slash after the host: most requests of a
 * client go where the last one went. */
int dt_request_may_send(dt_request *r) {
  dt_buffer *passed = &r->client->passed;
  const char *url = r->url.data;
  if (passed->len > 0 && strncmp(passed->data, url, passed->len) == 0) {
    r->way = r->client->passed_way;
    return 1;
  }
  r->way = dt_route_way(url);
  if (!dt_client_may_send(r->client, url))
    return 0;
  const char *host = strstr(url, "://");
  const char *slash = host ? strchr(host + 3, '/') : NULL;
  dt_buffer_clear(passed);
  if (slash && !dt_buffer_add(passed, url, (size_t)(slash + 1 - url)))
    dt_buffer_clear(passed);
  r->client->passed_way = r->way;
  return 1;
}
