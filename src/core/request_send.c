/* client:send: checks, encodes, prepares the transfer, starts it. */
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "encode.h"
#include "failure.h"
#include "misuse.h"
#include "sandbox.h"

enum {
  MAX_HEADER_BYTES = 256 * 1024, /* libcurl 7.88 bounds only a single line */
  MAX_ERROR_BYTES = 64 * 1024,
  TRANSFER_BUFFER = 512 * 1024,
  STALL_SECONDS = 60, /* without a byte a file transfer is given up */
  SCRATCH_KEPT = 64 * 1024
};

/* Sets an option unless one before failed; 'option' must be a literal so that
** curl's own type check works. */
#define SET(code, easy, option, value)                                         \
  do {                                                                         \
    if ((code) == CURLE_OK) (code) = curl_easy_setopt(easy, option, value);    \
  } while (0)

static void note_retry_after(dt_request *r, const char *value) {
  char *end;
  double seconds = strtod(value, &end);
  if (end == value) {
    time_t when = curl_getdate(value, NULL);
    seconds = when < 0 ? -1 : difftime(when, time(NULL));
    seconds = when >= 0 && seconds < 0 ? 0 : seconds;
  }
  if (seconds >= 0 && seconds < 1e9) r->retry_after = seconds;
}

static void note_request_id(dt_request *r, const char *value) {
  size_t n = strcspn(value, "\r\n");
  n = n < sizeof r->request_id ? n : sizeof r->request_id - 1;
  memcpy(r->request_id, value, n);
  r->request_id[n] = '\0';
}

/* If 'line' is the header 'name' ("retry-after" also with any suffix), its
** value. */
static const char *header_value(const char *line, const char *name) {
  size_t n = strlen(name);
  if (!curl_strnequal(line, name, n)) return NULL;
  const char *colon = strchr(line, ':');
  if (!colon || (line[n] != ':' && line[n] != '-')) return NULL;
  return colon + 1 + strspn(colon + 1, " \t");
}

static size_t on_header(char *data, size_t size, size_t count, void *arg) {
  dt_request *r = arg;
  char line[256];
  size_t n = size * count, kept = n < sizeof line ? n : sizeof line - 1;
  const char *value;
  r->header_bytes += n;
  if (r->header_bytes > MAX_HEADER_BYTES) return 0;
  memcpy(line, data, kept);
  line[kept] = '\0';
  if (curl_strnequal(line, "HTTP/", 5)) {
    r->retry_after = -1;
    r->request_id[0] = '\0';
  }
  else if ((value = header_value(line, "retry-after")) != NULL)
    note_retry_after(r, value);
  else if ((value = header_value(line, "x-request-id")) != NULL)
    note_request_id(r, value);
  return n;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg) {
  dt_request *r = arg;
  long status = 0;
  size_t n = size * count;
  curl_easy_getinfo(r->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300)
    return dt_sink_write(&r->sink, data, n) ? n : 0;
  if (n > MAX_ERROR_BYTES - r->error_body.length)
    return 0; /* more than any error message needs: the status is enough */
  return dt_buffer_add(&r->error_body, data, n) ? n : 0;
}

/* libcurl sends a request again by itself when a kept connection breaks before
** the first byte of the answer; the server may have acted on the first. */
static int on_send(void *arg, char *remote, char *local, int remote_port,
                   int local_port) {
  dt_request *r = arg;
  (void)remote, (void)local, (void)remote_port, (void)local_port;
  return r->sendings++ > 0 && !dt_failure_is_idempotent(r)
             ? CURL_PREREQFUNC_ABORT
             : CURL_PREREQFUNC_OK;
}

/* Options that hold for every request of a client. */
static CURLcode set_constants(dt_client *c, CURL *easy) {
  CURLcode code = CURLE_OK;
  SET(code, easy, CURLOPT_NOSIGNAL, 1L);
  SET(code, easy, CURLOPT_PROTOCOLS_STR, "http,https");
  SET(code, easy, CURLOPT_FOLLOWLOCATION, 0L);
  SET(code, easy, CURLOPT_PATH_AS_IS, 1L);
  SET(code, easy, CURLOPT_TCP_KEEPALIVE, 1L);
  SET(code, easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(code, easy, CURLOPT_CONNECTTIMEOUT_MS, c->connect_timeout);
  SET(code, easy, CURLOPT_HEADERFUNCTION, on_header);
  SET(code, easy, CURLOPT_WRITEFUNCTION, on_body);
  SET(code, easy, CURLOPT_PREREQFUNCTION, on_send);
  if (c->user_agent) SET(code, easy, CURLOPT_USERAGENT, c->user_agent);
  if (c->ca_file) SET(code, easy, CURLOPT_CAINFO, c->ca_file);
  return code;
}

/* Method and body of a request without a source. */
static CURLcode set_method(CURL *easy, const char *method, const char *body,
                           size_t n) {
  CURLcode code = CURLE_OK;
  int post = strcmp(method, "POST") == 0;
  const char *custom = post || strcmp(method, "GET") == 0 ? NULL : method;
  if (body || post) {
    SET(code, easy, CURLOPT_POST, 1L);
    SET(code, easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
    SET(code, easy, CURLOPT_COPYPOSTFIELDS, body ? body : "");
    custom = post ? NULL : method;
  }
  else if (strcmp(method, "HEAD") == 0)
    SET(code, easy, CURLOPT_NOBODY, 1L);
  else
    SET(code, easy, CURLOPT_HTTPGET, 1L);
  SET(code, easy, CURLOPT_CUSTOMREQUEST, custom);
  return code;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash && slash[1] ? slash + 1 : path;
}

/* A form with the text field first: the server reads parts in order. */
static CURLcode set_form(dt_request *r, const char *field, const char *path,
                         size_t n) {
  CURLcode code = CURLE_OUT_OF_MEMORY;
  curl_mimepart *text, *file;
  r->mime = curl_mime_init(r->transfer.easy);
  if (!r->mime || !(text = curl_mime_addpart(r->mime)) ||
      !(file = curl_mime_addpart(r->mime)))
    return code;
  code = curl_mime_name(text, field);
  if (code == CURLE_OK) code = curl_mime_data(text, path, n);
  if (code == CURLE_OK) code = curl_mime_name(file, "files[0].file");
  if (code == CURLE_OK) code = curl_mime_filename(file, base_name(path));
  if (code == CURLE_OK) code = curl_mime_type(file, "application/octet-stream");
  if (code == CURLE_OK)
    code = curl_mime_data_cb(file, r->source.size, dt_source_read,
                             dt_source_seek, NULL, &r->source);
  SET(code, r->transfer.easy, CURLOPT_MIMEPOST, r->mime);
  SET(code, r->transfer.easy, CURLOPT_CUSTOMREQUEST, NULL);
  return code;
}

static CURLcode set_raw_body(dt_request *r) {
  CURL *easy = r->transfer.easy;
  CURLcode code = CURLE_OK;
  SET(code, easy, CURLOPT_UPLOAD, 1L);
  SET(code, easy, CURLOPT_CUSTOMREQUEST, r->operation->method);
  SET(code, easy, CURLOPT_INFILESIZE_LARGE, r->source.size);
  SET(code, easy, CURLOPT_READFUNCTION, dt_source_read);
  SET(code, easy, CURLOPT_READDATA, &r->source);
  SET(code, easy, CURLOPT_SEEKFUNCTION, dt_source_seek);
  SET(code, easy, CURLOPT_SEEKDATA, &r->source);
  return code;
}

/* File transfers: larger buffers, and an end to stalls. */
static CURLcode set_streaming(CURL *easy, int upload) {
  CURLcode code = CURLE_OK;
  SET(code, easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  SET(code, easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
  if (upload)
    SET(code, easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)TRANSFER_BUFFER);
  else
    SET(code, easy, CURLOPT_BUFFERSIZE, (long)TRANSFER_BUFFER);
  return code;
}

static CURLcode set_body(lua_State *L, dt_request *r, int params) {
  const dt_operation *op = r->operation;
  dt_client *c = r->client;
  CURLcode code = CURLE_OK;
  if (op->body == DT_JSON)
    return set_method(r->transfer.easy, op->method,
                      c->body.length ? c->body.data : NULL, c->body.length);
  r->plain = 0;
  if (op->body == DT_UPLOAD) {
    size_t n;
    lua_getfield(L, params, "destination");
    const char *path = lua_tolstring(L, -1, &n);
    code = set_form(r, "files[0].path", path, n);
    lua_pop(L, 1);
  }
  else if (op->body == DT_RAW_BODY)
    code = set_raw_body(r);
  else
    code = set_method(r->transfer.easy, op->method, NULL, 0);
  if (code == CURLE_OK)
    code = set_streaming(r->transfer.easy, op->body != DT_DOWNLOAD);
  return code;
}

/* Options of this request alone. */
static CURLcode set_request(dt_request *r, double seconds) {
  dt_client *c = r->client;
  CURL *easy = r->transfer.easy;
  CURLcode code = CURLE_OK;
  struct curl_slist *headers = c->body.length ? c->json_headers : c->headers;
  SET(code, easy, CURLOPT_URL, c->url.data);
  SET(code, easy, CURLOPT_PRIVATE, &r->transfer);
  SET(code, easy, CURLOPT_ERRORBUFFER, r->error);
  SET(code, easy, CURLOPT_HEADERDATA, r);
  SET(code, easy, CURLOPT_WRITEDATA, r);
  SET(code, easy, CURLOPT_PREREQDATA, r);
  SET(code, easy, CURLOPT_HTTPHEADER, r->headers ? r->headers : headers);
  if (seconds > 2e6) /* longer than a transfer can be told in ms: no limit */
    seconds = 0;
  SET(code, easy, CURLOPT_TIMEOUT_MS, (long)(seconds * 1000 + 0.999));
  return code;
}

/* Fills the source from the params that the row marks so.  Pushes nothing;
** on failure returns 0 with nil and the error pushed. */
static int open_source(lua_State *L, dt_request *r, int params) {
  size_t n;
  lua_getfield(L, params, "size");
  lua_getfield(L, params, "chunks");
  lua_getfield(L, params, "file");
  lua_getfield(L, params, "content");
  int given = lua_toboolean(L, -3) + !lua_isnil(L, -2) + !lua_isnil(L, -1);
  if (given != 1)
    return dt_misuse(L, "%s: one of 'content', 'file' and 'chunks' is needed",
                     r->operation->name);
  if (!lua_isnil(L, -1)) {
    r->source.kind = DT_SOURCE_MEMORY;
    r->source.data = lua_tolstring(L, -1, &n);
    r->source.size = (curl_off_t)n;
    dt_setuservalue(L, lua_gettop(L) - 4, DT_REQUEST_CONTENT);
    lua_pop(L, 3);
    return 1;
  }
  if (lua_toboolean(L, -3)) {
    r->source.kind = DT_SOURCE_CHUNKS;
    r->source.size = lua_isnil(L, -4) ? -1 : (curl_off_t)lua_tonumber(L, -4);
    lua_pop(L, 4);
    return 1;
  }
  const char *path = lua_tolstring(L, -2, &n);
  if (strlen(path) != n)
    dt_misuse(L, "%s: field 'file': contains NUL", r->operation->name);
  int error = dt_source_open(&r->source, path);
  if (error) return dt_failure_file(L, r, path, "read", error), 0;
  lua_pop(L, 4);
  return 1;
}

static int open_sink(lua_State *L, dt_request *r, int params) {
  lua_getfield(L, params, "destination");
  if (!lua_isnil(L, -1)) {
    const char *path = lua_tostring(L, -1);
    int error = dt_sink_open(&r->sink, path);
    if (error) return dt_failure_file(L, r, path, "write", error), 0;
  }
  lua_pop(L, 1);
  return 1;
}

static void add_header(lua_State *L, dt_request *r, const char *line) {
  struct curl_slist *longer = curl_slist_append(r->headers, line);
  if (!longer) luaL_error(L, "not enough memory");
  r->headers = longer;
}

/* Whether the table at 'table' names the header of 'line', in any case. */
static int has_header(lua_State *L, int table, const char *line) {
  size_t n = strcspn(line, ":;");
  int found = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    const char *name = lua_tostring(L, -2);
    found |= strlen(name) == n && curl_strnequal(name, line, n);
  }
  return found;
}

/* Whether 's' is a token as RFC 9110 has it: a method, the name of a header. */
static int is_token(const char *s, size_t n) {
  static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return n > 0 && strspn(s, token) == n;
}

/* Raises unless the pair at the top of the stack can be a header. */
static void check_header(lua_State *L) {
  size_t name_length, n;
  const char *name = lua_tolstring(L, -2, &name_length);
  const char *value = lua_tolstring(L, -1, &n);
  if (!is_token(name, name_length))
    dt_misuse(L, "client.request: field 'headers': '%s' is no header name",
              name);
  if (curl_strequal(name, "Authorization"))
    dt_misuse(L, "client.request: field 'headers': credentials belong to the "
                 "client");
  if (strcspn(value, "\r\n") != n)
    dt_misuse(L,
              "client.request: field 'headers': key '%s': contains NUL, CR "
              "or LF",
              name);
}

/* Own headers: the client's, then those of the table at the top, which win. */
static void add_headers(lua_State *L, dt_request *r) {
  const struct curl_slist *h =
      r->client->body.length ? r->client->json_headers : r->client->headers;
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
    check_header(L);
    const char *value = lua_tostring(L, -1);
    lua_pushfstring(L, value[0] ? "%s: %s" : "%s;", lua_tostring(L, -2), value);
    add_header(L, r, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  for (; h; h = h->next)
    if (!has_header(L, table, h->data)) add_header(L, r, h->data);
}

/* What a free request adds: method, string body, headers. */
static void encode_free(lua_State *L, dt_request *r, int params,
                        const char *base) {
  dt_client *c = r->client;
  size_t n;
  dt_encode_free(L, params, base, &c->url, &c->body);
  lua_getfield(L, params, "body");
  lua_getfield(L, params, "headers");
  if (lua_type(L, -2) == LUA_TSTRING && lua_isnil(L, -1)) {
    lua_newtable(L);
    lua_replace(L, -2);
  }
  if (lua_istable(L, -1)) add_headers(L, r);
  if (lua_type(L, -2) == LUA_TSTRING) {
    const char *body = lua_tolstring(L, -2, &n);
    dt_buffer_add(&c->body, body, n);
    if (!has_header(L, lua_gettop(L), "Content-Type"))
      add_header(L, r, "Content-Type: application/octet-stream");
  }
  lua_getfield(L, params, "raw");
  r->raw = lua_toboolean(L, -1);
  lua_getfield(L, params, "method");
  const char *method = lua_tolstring(L, -1, &n);
  if (!is_token(method, n))
    dt_misuse(L, "client.request: field 'method': not an HTTP method");
  r->method = strdup(method);
  if (!r->method) luaL_error(L, "not enough memory");
  r->plain = strcmp(r->method, "HEAD") != 0;
  lua_pop(L, 4);
}

/* Validates and fills the client's scratch buffers. */
static void encode(lua_State *L, dt_request *r, int params, const char *base) {
  dt_client *c = r->client;
  int free_request = r->operation->method[0] == '\0';
  dt_buffer_clear(&c->url);
  dt_buffer_clear(&c->body);
  dt_encode_params(L, r->operation, params, free_request ? "" : base, &c->url,
                   &c->body);
  if (free_request) encode_free(L, r, params, base);
  if (!dt_buffer_terminate(&c->url) || !dt_buffer_terminate(&c->body))
    luaL_error(L, "not enough memory");
  r->url = strdup(c->url.data);
  if (!r->url) luaL_error(L, "not enough memory");
  r->url[strcspn(r->url, "?")] = '\0';
  r->base_length = strlen(base);
}

static void start(lua_State *L, dt_request *r, int params, double seconds) {
  dt_client *c = r->client;
  CURLcode code = CURLE_OK;
  int fresh = 0;
  r->transfer.easy = dt_driver_take(&c->driver, &fresh);
  if (!r->transfer.easy) luaL_error(L, "not enough memory");
  if (fresh) code = set_constants(c, r->transfer.easy);
  if (code == CURLE_OK)
    code = r->method ? set_method(r->transfer.easy, r->method,
                                  c->body.length ? c->body.data : NULL,
                                  c->body.length)
                     : set_body(L, r, params);
  if (code == CURLE_OK) code = set_request(r, seconds);
  if (code != CURLE_OK) luaL_error(L, "libcurl: %s", curl_easy_strerror(code));
  CURLMcode started = dt_driver_start(&c->driver, &r->transfer);
  if (started != CURLM_OK)
    luaL_error(L, "libcurl: %s", curl_multi_strerror(started));
  if (c->body.capacity > SCRATCH_KEPT) dt_buffer_free(&c->body);
}

/* The base URL of the plane the row lives on. */
static const char *find_base(lua_State *L, dt_request *r, int sandbox) {
  int free_request = r->operation->method[0] == '\0';
  if (r->operation->plane == DT_API &&
      !(free_request && !lua_isnil(L, sandbox)))
    return r->client->api_url;
  const char *base = dt_sandbox_base(L, sandbox);
  if (!base)
    luaL_error(L, "%s: the toolbox of this sandbox is not known yet",
               r->operation->name);
  return base;
}

int dt_request_send(lua_State *L) {
  enum { CLIENT = 1, OPERATION, PARAMS, SANDBOX, SECONDS };
  dt_client *c = dt_client_check(L, CLIENT);
  const dt_operation *op = dt_operations_find(luaL_checkstring(L, OPERATION));
  luaL_argcheck(L, op, OPERATION, "no such operation");
  luaL_checktype(L, PARAMS, LUA_TTABLE);
  double seconds = (double)luaL_optnumber(L, SECONDS, 0);
  lua_settop(L, SECONDS);
  dt_request *r = dt_newuserdata(L, sizeof *r, DT_REQUEST_VALUES);
  memset(r, 0, sizeof *r);
  r->sink.fd = -1;
  r->retry_after = -1;
  r->plain = 1;
  luaL_getmetatable(L, DT_REQUEST_TYPE);
  lua_setmetatable(L, -2);
  lua_pushvalue(L, CLIENT);
  dt_setuservalue(L, -2, DT_REQUEST_CLIENT);
  r->client = c;
  r->operation = op;
  r->sink.limit = c->max_response;
  encode(L, r, PARAMS, find_base(L, r, SANDBOX));
  if ((op->body == DT_UPLOAD || op->body == DT_RAW_BODY) &&
      !open_source(L, r, PARAMS))
    return 2;
  if (op->body == DT_DOWNLOAD && !open_sink(L, r, PARAMS)) return 2;
  if (seconds < 0) {
    r->late = r->transfer.done = 1;
    r->transfer.code = CURLE_OPERATION_TIMEDOUT;
    return 1;
  }
  start(L, r, PARAMS, seconds);
  return 1;
}
