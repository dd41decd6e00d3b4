/* client:send: checks, encodes, opens files, starts. */
#include "request_send.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "encode.h"
#include "failure.h"
#include "misuse.h"
#include "request.h"
#include "request_custom.h"
#include "request_permit.h"
#include "sandbox.h"
#include "../flow/driver.h"
#include "../flow/origin.h"
#include "../flow/request_setup.h"

/* The param 'beneath', on the stack's top, or NULL. */
static const char *push_beneath(lua_State *L, int params) {
  lua_getfield(L, params, "beneath");
  return lua_tostring(L, -1);
}

/* Fills the source from the params that the row marks so.  Pushes nothing;
 * on failure returns 0 with nil and the error pushed. */
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
  int error = dt_source_open(&r->source, path, push_beneath(L, params));
  if (error)
    return dt_failure_file(L, r, path, "read", error), 0;
  lua_pop(L, 5);
  return 1;
}

/* A source for each of 'destinations'; files are opened when they are read. */
static void open_sources(lua_State *L, dt_request *r, int params) {
  static const char *const lists[] = {"destinations", "files", "contents",
                                      "sizes"};
  int top = lua_gettop(L), files = top + 2;
  for (int i = 0; i < 4; i++) {
    lua_getfield(L, params, lists[i]);
    if (dt_rawlen(L, -1) != dt_rawlen(L, top + 1))
      dt_misuse(L, "%s: lists of one length are needed", r->operation->name);
  }
  const char *beneath = push_beneath(L, params);
  size_t count = dt_rawlen(L, files);
  r->sources = calloc(count + 1, sizeof *r->sources);
  if (!r->sources)
    luaL_error(L, "not enough memory");
  r->source_count = count;
  for (size_t i = 0; i < count; i++) {
    dt_source *s = &r->sources[i];
    size_t n, length;
    lua_rawgeti(L, files, (int)i + 1);
    lua_rawgeti(L, files + 1, (int)i + 1);
    lua_rawgeti(L, files + 2, (int)i + 1);
    s->path = lua_tolstring(L, -3, &length);
    s->data = lua_tolstring(L, -2, &n);
    s->kind = length > 0 ? DT_SOURCE_FILE : DT_SOURCE_MEMORY;
    s->size = length > 0 ? (curl_off_t)lua_tonumber(L, -1) : (curl_off_t)n;
    s->beneath = beneath;
    s->fd = -1;
    s->whole = &r->source;
    r->source.size += s->size;
    lua_pop(L, 3);
  }
  lua_pushvalue(L, params); /* keeps the strings alive */
  dt_setuservalue(L, top, DT_REQUEST_CONTENT);
  lua_settop(L, top);
}

/* Opens the sink for the file 'destination', if there is one; 0 with nil and
 * the error pushed. */
static int open_destination(lua_State *L, dt_request *r, dt_sink *sink,
                            int params) {
  lua_getfield(L, params, "destination");
  if (!lua_isnil(L, -1)) {
    const char *path = lua_tostring(L, -1);
    int error = dt_sink_open(sink, path, push_beneath(L, params));
    if (error) {
      dt_sink_close(sink);
      return dt_failure_file(L, r, path, "write", error), 0;
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return 1;
}

static int open_sink(lua_State *L, dt_request *r, int params) {
  lua_getfield(L, params, "chunk_size");
  if (!lua_isnil(L, -1)) {
    r->sink.kind = DT_SINK_CHUNKS;
    r->sink.chunk = (size_t)lua_tonumber(L, -1);
    r->sink.limit = SIZE_MAX;
    lua_pop(L, 1);
    return 1;
  }
  lua_pop(L, 1);
  return open_destination(L, r, &r->sink, params);
}

/* The file that the bytes of the answer will go into, if one is named. */
static int open_saved(lua_State *L, dt_request *r, int params) {
  lua_getfield(L, params, "destination");
  bool is_named = !lua_isnil(L, -1);
  lua_pop(L, 1);
  if (!is_named)
    return 1;
  r->saved = malloc(sizeof *r->saved);
  if (!r->saved)
    luaL_error(L, "not enough memory");
  *r->saved = (dt_sink){.fd = -1};
  return open_destination(L, r, r->saved, params);
}

/* A checksum if the option is there: true, or the one that is expected. */
static dt_checksum *open_checksum(lua_State *L, dt_request *r, int params) {
  lua_getfield(L, params, "checksum");
  r->checksum.wanted = lua_toboolean(L, -1);
  size_t n;
  if (!lua_isnil(L, -1) && !lua_isboolean(L, -1) &&
      lua_type(L, -1) != LUA_TSTRING)
    dt_misuse(L, "%s: field 'checksum': boolean or string expected, got %s",
              r->operation->name, luaL_typename(L, -1));
  const char *hex =
      lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &n) : NULL;
  if (hex && (n != DT_SHA256_HEX ||
              strspn(hex, "0123456789abcdefABCDEF") != DT_SHA256_HEX))
    dt_misuse(L, "%s: field 'checksum': not a SHA-256 in hexadecimal",
              r->operation->name);
  for (int i = 0; hex && i < DT_SHA256_HEX; i++)
    r->checksum.expected[i] =
        hex[i] >= 'A' && hex[i] <= 'F' ? (char)(hex[i] - 'A' + 'a') : hex[i];
  dt_sha256_init(&r->checksum.sum);
  lua_pop(L, 1);
  return r->checksum.wanted ? &r->checksum : NULL;
}

/* The range of bytes that is wanted. */
static void open_range(lua_State *L, dt_request *r, int params) {
  long long offset = 0, length = 0;
  lua_getfield(L, params, "offset");
  lua_getfield(L, params, "length");
  dt_tointeger(L, -2, &offset);
  dt_tointeger(L, -1, &length);
  lua_pop(L, 2);
  r->offset = (curl_off_t)offset;
  r->file_size = -1;
  if (length > 0)
    snprintf(r->range, sizeof r->range, "%lld-%lld", offset,
             offset + length - 1);
  else if (offset > 0)
    snprintf(r->range, sizeof r->range, "%lld-", offset);
}

/* Prepares one part for each of 'paths'. */
static void open_parts(lua_State *L, dt_request *r, int params) {
  lua_getfield(L, params, "paths");
  lua_getfield(L, params, "destinations");
  int destinations = lua_gettop(L), paths = destinations - 1;
  size_t count = dt_rawlen(L, paths);
  if (dt_rawlen(L, destinations) != count)
    dt_misuse(L, "%s: as many destinations as paths are needed",
              r->operation->name);
  r->parts = dt_parts_new(count, r->client->max_response);
  for (size_t i = 0; r->parts && i < count; i++) {
    size_t n;
    lua_rawgeti(L, paths, (int)i + 1);
    lua_rawgeti(L, destinations, (int)i + 1);
    const char *path = lua_tolstring(L, -2, &n);
    if (!dt_parts_set(r->parts, i, path, n, lua_tostring(L, -1)))
      luaL_error(L, "not enough memory");
    lua_pop(L, 2);
  }
  const char *beneath = push_beneath(L, params);
  if (!r->parts || (beneath && !dt_parts_set_beneath(r->parts, beneath)))
    luaL_error(L, "not enough memory");
  lua_pop(L, 3);
}

/* The URL that the param 'url' gives, anchored by the params. */
static const char *given_url(lua_State *L, const dt_operation *op, int params) {
  dt_spot top = {.operation = op->name};
  dt_spot here = {.outer = &top, .field = "url"};
  lua_getfield(L, params, "url");
  const char *url = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  if (!url)
    dt_encode_complain(L, &here, "a URL is needed");
  lua_pop(L, 1);
  return url;
}

void dt_request_encode(lua_State *L, dt_request *r, int params, int sandbox) {
  dt_client *c = r->client;
  bool is_custom = r->operation->method[0] == '\0';
  dt_spot top = {.operation = r->operation->name};
  const char *base = c->api_url;
  if (r->operation->plane == DT_TOOLBOX ||
      (is_custom && !lua_isnil(L, sandbox)))
    base = dt_sandbox_base(L, sandbox);
  else if (r->operation->plane == DT_ELSEWHERE)
    base = given_url(L, r->operation, params);
  if (!base)
    dt_encode_complain(L, &top, "the toolbox of this sandbox is not known yet");
  r->url = c->url;
  r->body = c->body;
  c->url = c->body = (dt_buffer){0};
  dt_buffer_clear(&r->url);
  dt_buffer_clear(&r->body);
  dt_buffer_adds(&r->url, base);
  r->base_length =
      r->operation->plane == DT_ELSEWHERE ? dt_origin_length(base) : r->url.len;
  dt_encode_params(L, r->operation, params, &r->url, &r->body);
  if (is_custom)
    dt_request_encode_custom(L, r, params);
  else if (r->operation->header)
    dt_request_row_header(L, r);
  if (!dt_buffer_terminate(&r->url) || !dt_buffer_terminate(&r->body))
    luaL_error(L, "not enough memory");
}

/* Adds all sources to the form. */
static CURLcode add_files(lua_State *L, dt_request *r, int params) {
  CURLcode code = CURLE_OK;
  lua_getfield(L, params, "destinations");
  for (size_t i = 0; i < r->source_count && code == CURLE_OK; i++) {
    size_t n;
    lua_rawgeti(L, -1, (int)i + 1);
    const char *path = lua_tolstring(L, -1, &n);
    code = dt_request_add_file(r, i, path, n, &r->sources[i]);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return code;
}

/* An easy handle for the request.  One that was in use may still own what it
 * used there (libcurl 7.88: a receive buffer, while its HTTP/2 connection is in
 * use), and then some options are refused.  So what is more than plain gets a
 * new one, of which nothing is used again. */
static CURL *take_handle(dt_request *r, dt_handle_state *state) {
  int fresh = 1;
  CURL *easy = r->bound;
  if (dt_request_is_special(r))
    easy = curl_easy_init();
  else if (easy) {
    r->bound = NULL;
    *state = DT_HANDLE_BOUND;
    return easy;
  }
  else
    easy = dt_driver_take(&r->client->driver, &fresh);
  *state = fresh ? DT_HANDLE_NEW : DT_HANDLE_USED;
  return easy;
}

/* Ends a request that could not be started: its result is the error. */
static void refuse(lua_State *L, dt_request *r, CURLcode code,
                   const char *why) {
  if (code == CURLE_OUT_OF_MEMORY)
    luaL_error(L, "not enough memory");
  snprintf(r->error, sizeof r->error, "%s", why);
  r->plain = 0;
  r->transfer.code = code;
  r->transfer.done = 1;
}

static void start(lua_State *L, dt_request *r, int params, double seconds) {
  dt_client *c = r->client;
  const char *form_path = NULL;
  size_t n = 0;
  dt_handle_state state;
  if (r->operation->body == DT_UPLOAD) {
    lua_getfield(L, params, "destination");
    form_path = lua_tolstring(L, -1, &n);
  }
  if (c->closed) /* by a finalizer, meanwhile */
    luaL_error(L, "client is closed");
  r->transfer.easy = take_handle(r, &state);
  if (!r->transfer.easy)
    luaL_error(L, "not enough memory");
  CURLcode code = CURLE_OK;
  if (r->sources)
    code = add_files(L, r, params);
  if (code == CURLE_OK)
    code = dt_request_setup(r, form_path, n, seconds, state);
  if (form_path)
    lua_pop(L, 1);
  if (code != CURLE_OK) {
    refuse(L, r, code, curl_easy_strerror(code));
    return;
  }
  r->transfer.may_need_lua =
      r->source.kind == DT_SOURCE_CHUNKS || r->sink.kind == DT_SINK_CHUNKS;
  dt_driver_enter(&c->driver);
  CURLMcode started = dt_driver_start(&c->driver, &r->transfer);
  dt_driver_leave(&c->driver);
  if (started != CURLM_OK)
    refuse(L, r,
           started == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY
                                          : CURLE_FAILED_INIT,
           curl_multi_strerror(started));
}

/* Whether requests can be made of the row. */
static bool is_sendable(const dt_operation *op) {
  return op && op->body != DT_WEBSOCKET &&
         (op->method[0] != '\0' || (op->flags & DT_EXCHANGE) ||
          strcmp(op->name, "client.request") == 0);
}

int dt_request_send(lua_State *L) {
  enum { CLIENT = 1, OPERATION, PARAMS, SANDBOX, SECONDS };
  dt_client_check(L, CLIENT);
  const dt_operation *op = dt_operations_find(luaL_checkstring(L, OPERATION));
  luaL_argcheck(L, is_sendable(op), OPERATION, "no such operation");
  luaL_checktype(L, PARAMS, LUA_TTABLE);
  double seconds = (double)luaL_optnumber(L, SECONDS, 0);
  lua_settop(L, SECONDS);
  dt_request *r = dt_request_new(L, CLIENT, op);
  dt_request_encode(L, r, PARAMS, SANDBOX);
  if (!dt_request_may_send(r))
    return dt_request_refuse(L, r, SANDBOX);
  if ((op->body == DT_UPLOAD || op->body == DT_RAW_BODY) &&
      !open_source(L, r, PARAMS))
    return 2;
  if (op->body == DT_UPLOAD || op->body == DT_RAW_BODY)
    r->source.checksum = open_checksum(L, r, PARAMS);
  if (op->body == DT_DOWNLOAD) {
    r->sink.checksum = open_checksum(L, r, PARAMS);
    open_range(L, r, PARAMS);
  }
  if (op->body == DT_UPLOADS)
    open_sources(L, r, PARAMS);
  if (op->body == DT_DOWNLOAD && !open_sink(L, r, PARAMS))
    return 2;
  if ((op->flags & DT_SAVES) && !open_saved(L, r, PARAMS))
    return 2;
  if (op->body == DT_PARTS)
    open_parts(L, r, PARAMS);
  if (seconds < 0) {
    r->late = r->transfer.done = 1;
    r->transfer.code = CURLE_OPERATION_TIMEDOUT;
    return 1;
  }
  start(L, r, PARAMS, seconds);
  return 1;
}
