#include "failure.h"

#include <errno.h>
#include <string.h>

#include "answer.h"
#include "json.h"
#include "printable.h"

enum {
  MAX_BODY = 4096,
  MAX_MESSAGE = 2048,
  MIN_PART = 4 /* fewer bytes of a credential tell nothing */
};

static const char metatable_key;

int dt_failure_metatable(lua_State *L) {
  dt_rawgetp(L, &metatable_key);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    dt_rawsetp(L, &metatable_key);
  }
  return 1;
}

static void set_string(lua_State *L, const char *key, const char *value) {
  if (!value)
    return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

static const char *kind_of_status(long status) {
  static const struct {
    long status;
    const char *kind;
  } kinds[] = {
      {400, "bad_request"}, {401, "unauthorized"},  {403, "forbidden"},
      {404, "not_found"},   {408, "timeout"},       {409, "conflict"},
      {410, "gone"},        {422, "unprocessable"}, {429, "rate_limited"},
      {500, "server"},      {502, "bad_gateway"},   {503, "unavailable"},
      {504, "timeout"}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (kinds[i].status == status)
      return kinds[i].kind;
  return status >= 500 ? "server" : status >= 400 ? "bad_request" : "protocol";
}

/* libcurl 7.88 reports bad chunks as CURLE_RECV_ERROR; only the text tells. */
static int is_bad_chunk(const dt_request *r) {
  return r->transfer.code == CURLE_RECV_ERROR && strstr(r->error, "chunk");
}

/* Whether the TLS handshake ended because the connection did: nobody refused
** anything.  libcurl has one code for both; what its TLS libraries say of the
** connection's end is told by the text. */
static int is_broken_handshake(const dt_request *r) {
  static const char *const ends[] = {
      "Recv failure",   "Send failure",   "SSL_ERROR_SYSCALL",
      "unexpected eof", "SSL_ERROR_ZERO", "non-properly terminated",
      "pull function",  "push function"};
  long number = 0;
  if (r->transfer.easy)
    curl_easy_getinfo(r->transfer.easy, CURLINFO_OS_ERRNO, &number);
  if (number == ECONNRESET || number == EPIPE || number == ETIMEDOUT)
    return 1;
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
    if (strstr(r->error, ends[i]))
      return 1;
  return 0;
}

static const char *kind_of_code(const dt_request *r) {
  switch (r->transfer.code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_SSL_CONNECT_ERROR:
      return is_broken_handshake(r) ? "connection" : "tls";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return "tls";
    case CURLE_ABORTED_BY_CALLBACK:
      return r->source.error == DT_SUM_DIFFERS ? "protocol"
             : r->source.error                 ? "file"
             : r->sendings > 1                 ? "connection"
                                               : "cancelled";
    case CURLE_READ_ERROR:
      return "file";
    case CURLE_WRITE_ERROR:
      return r->sink.error && r->sink.kind == DT_SINK_FILE ? "file"
                                                           : "protocol";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_PROXY:
    case CURLE_SSL_SHUTDOWN_FAILED:
      return "connection";
    case CURLE_RECV_ERROR:
      return is_bad_chunk(r) ? "protocol" : "connection";
    default:
      return "protocol";
  }
}

/* Pushes why there is no answer, in words. */
static void push_cause(lua_State *L, const dt_request *r) {
  const char *detail =
      r->error[0] ? r->error : curl_easy_strerror(r->transfer.code);
  long os_error = 0;
  if (r->transfer.easy)
    curl_easy_getinfo(r->transfer.easy, CURLINFO_OS_ERRNO, &os_error);
  if (r->transfer.code == CURLE_ABORTED_BY_CALLBACK)
    detail = r->client->closed ? "the client was closed"
             : r->sendings > 1 ? "the connection was lost before an answer came"
                               : "cancelled";
  if (r->transfer.code == CURLE_OUT_OF_MEMORY)
    detail = "a header is too long, or memory ran out";
  if (r->source.error > 0)
    detail = strerror(r->source.error);
  else if (r->source.error == DT_SUM_DIFFERS)
    detail = "the checksum of the source is not the expected one";
  else if (r->source.error)
    detail = "the size of the source changed during the upload";
  else if (r->sink.error)
    detail = strerror(r->sink.error);
  else if (r->late)
    detail = "the deadline has passed";
  else if (r->sink.overflow)
    detail = "the answer is larger than max_response";
  else if (r->other_bytes)
    detail = "the server sent other bytes of the file than were asked for";
  else if (r->transfer.code == CURLE_WRITE_ERROR)
    detail = "the answer has too many headers";
  else if (r->transfer.code == CURLE_COULDNT_CONNECT && os_error)
    detail = strerror((int)os_error);
  lua_pushstring(L, detail);
}

/* Whether the server may have seen any of the request. */
static int was_sent(const dt_request *r) {
  long bytes = 0;
  curl_off_t ready = 0;
  if (r->operation->body == DT_WEBSOCKET)
    return r->sendings > 0;
  if (!r->transfer.easy)
    return !r->late;
  if (r->sendings == 0) /* what is counted went to a proxy */
    return 0;
  curl_easy_getinfo(r->transfer.easy, CURLINFO_REQUEST_SIZE, &bytes);
  curl_easy_getinfo(r->transfer.easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
  return bytes > 0 || ready > 0;
}

/* A WebSocket may change anything; its GET says nothing. */
static int is_reading(const dt_request *r) {
  if (r->operation->body == DT_WEBSOCKET)
    return (r->operation->flags & DT_IDEMPOTENT) != 0;
  const char *method = r->method ? r->method : r->operation->method;
  return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || r->parts;
}

int dt_failure_is_idempotent(const dt_request *r) {
  return (r->operation->flags & DT_IDEMPOTENT) || is_reading(r);
}

static int is_retryable(const dt_request *r, const char *kind, long status) {
  if (status == 429)
    return 1;
  if (status == 503)
    return dt_failure_is_idempotent(r) || r->retry_after >= 0;
  if (status == 502 || status == 504)
    return dt_failure_is_idempotent(r);
  if (status != 0)
    return 0;
  if (strcmp(kind, "connection") != 0 && strcmp(kind, "timeout") != 0)
    return 0;
  return !was_sent(r) || dt_failure_is_idempotent(r);
}

/* What is known of the effect: nobody knows after a lost answer. */
static const char *outcome(const dt_request *r, const char *kind, long status) {
  if (is_reading(r) || !was_sent(r))
    return "failed";
  if (status == 500 || status == 502 || status == 504)
    return "unknown";
  if (status >= 300)
    return "failed";
  return strcmp(kind, "file") == 0 && r->source.error ? "failed" : "unknown";
}

/* Replaces every occurrence of the credential in 'b' by "***", also one that
** was cut at the end: a server may echo it. */
static int redact_buffer(dt_buffer *b, const char *token) {
  static const char mark[] = "***";
  size_t n = strlen(token), to = 0, found = 0;
  if (n < sizeof mark)
    return 0;
  for (size_t i = 0; i < b->length;) {
    size_t left = b->length - i;
    if ((left >= n || left > MIN_PART) &&
        memcmp(b->data + i, token, left < n ? left : n) == 0) {
      memcpy(b->data + to, mark, sizeof mark - 1);
      to += sizeof mark - 1;
      i += left < n ? left : n;
      found++;
    }
    else
      b->data[to++] = b->data[i++];
  }
  b->length = to;
  return found > 0;
}

/* The same in the strings of the error at the top. */
static void redact(lua_State *L, dt_request *r) {
  dt_buffer *b = &r->body; /* the request is over */
  int error = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, error); lua_pop(L, 1)) {
    size_t n;
    if (lua_type(L, -1) != LUA_TSTRING)
      continue;
    const char *s = lua_tolstring(L, -1, &n);
    dt_buffer_clear(b);
    dt_buffer_add(b, s, n);
    if (!redact_buffer(b, r->client->token) && !b->failed)
      continue;
    lua_pushvalue(L, -2);
    lua_pushlstring(L, b->data, b->failed ? 0 : b->length);
    lua_rawset(L, error);
  }
}

/* Pushes a message from the member at the top, a string or a list of them;
** replaces it.  Anything else gives nil. */
static void to_message(lua_State *L) {
  if (lua_type(L, -1) == LUA_TSTRING && dt_rawlen(L, -1) > 0)
    return;
  int list = lua_gettop(L),
      n = lua_istable(L, list) ? (int)dt_rawlen(L, list) : 0;
  int parts = 0;
  for (int i = 1; i <= n && i <= 20; i++) {
    lua_rawgeti(L, list, i);
    if (lua_type(L, -1) != LUA_TSTRING) {
      lua_pop(L, 1);
      continue;
    }
    if (parts++ > 0) {
      lua_pushliteral(L, ", ");
      lua_insert(L, -2);
      lua_concat(L, 3);
    }
  }
  if (parts == 0)
    lua_pushnil(L);
  lua_replace(L, list);
}

/* Copies a string member of the envelope at 'from' into the error below it. */
static void copy_member(lua_State *L, int from, const char *wire,
                        const char *name) {
  lua_getfield(L, from, wire);
  if (lua_type(L, -1) == LUA_TSTRING)
    lua_setfield(L, from - 1, name);
  else
    lua_pop(L, 1);
}

/* Reads the error envelope at the top, if it is one, into the error below;
** leaves the message (or nil) in its place. */
static void read_envelope(lua_State *L) {
  static const char *const members[] = {"message", "error", "errors"};
  if (!lua_istable(L, -1)) {
    lua_pop(L, 1);
    lua_pushnil(L);
    return;
  }
  int envelope = lua_gettop(L);
  copy_member(L, envelope, "error_code", "code");
  copy_member(L, envelope, "code", "code");
  copy_member(L, envelope, "source", "source");
  lua_pushnil(L);
  for (int i = 0; i < 3 && lua_isnil(L, -1); i++) {
    lua_pop(L, 1);
    lua_getfield(L, envelope, members[i]);
    to_message(L);
  }
  lua_remove(L, envelope);
}

static const char *phrase(long status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return NULL;
  }
}

/* Pushes what to say of an answer whose body says nothing. */
static void push_default_message(lua_State *L, dt_request *r, long status) {
  const char *where = NULL;
  char *url = NULL;
  if (status >= 300 && status < 400) {
    if (r->answer)
      where = r->answer->location[0] ? r->answer->location : NULL;
    else if (!curl_easy_getinfo(r->transfer.easy, CURLINFO_REDIRECT_URL, &url))
      where = url;
    lua_pushfstring(L, "the server redirects to %s, which is not followed",
                    where ? where : "another place");
  }
  else if (phrase(status))
    lua_pushstring(L, phrase(status));
  else
    lua_pushfstring(L, "the server answered with status %d", (int)status);
}

static int is_plain_text(const dt_request *r) {
  char *known = NULL;
  const char *type = NULL;
  if (r->answer)
    type = r->answer->content_type[0] ? r->answer->content_type : NULL;
  else if (!curl_easy_getinfo(r->transfer.easy, CURLINFO_CONTENT_TYPE, &known))
    type = known;
  return r->error_body.length > 0 && r->error_body.length <= MAX_MESSAGE &&
         (!type || curl_strnequal(type, "text/plain", 10));
}

/* Fills message, code, source and body from an answer; error at the top. */
static void read_answer(lua_State *L, dt_request *r, long status) {
  dt_buffer *b = &r->error_body;
  redact_buffer(b, r->client->token);
  if (b->length > 0) {
    lua_pushlstring(L, b->data, b->length < MAX_BODY ? b->length : MAX_BODY);
    lua_setfield(L, -2, "body");
    lua_pushlstring(L, b->data, b->length);
    if (dt_json_decode(L)) {
      if (r->sources) { /* it also says what was written */
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, "answer");
      }
      read_envelope(L);
    }
    else {
      lua_pop(L, 1);
      if (is_plain_text(r))
        lua_pushlstring(L, b->data, b->length);
      else
        lua_pushnil(L);
    }
  }
  else
    lua_pushnil(L);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    push_default_message(L, r, status);
  }
  lua_setfield(L, -2, "message");
}

/* Pushes a new error with the fields that every one has. */
static void push_error(lua_State *L, const dt_request *r, const char *kind) {
  const dt_operation *op = r->operation;
  lua_newtable(L);
  set_string(L, "kind", kind);
  set_string(L, "operation", op->name);
  set_string(L, "method", r->method ? r->method : op->method);
  const char *path = r->url.data + r->base_length;
  lua_pushlstring(L, path, strcspn(path, "?"));
  lua_setfield(L, -2, "path");
  dt_failure_metatable(L);
  lua_setmetatable(L, -2);
}

/* Seconds the server asks to wait, negative: it does not say.  A refusal
** without Retry-After may still tell when its limiter has calls again. */
static double retry_after(const dt_request *r, long status) {
  const dt_rate_limit *limit = dt_rate_limit_tightest(&r->limits);
  if (r->retry_after < 0 && status == 429 && limit && limit->remaining < 1)
    return limit->reset;
  return r->retry_after;
}

/* The message is for people: parts of it come from the server, and may not
** reach a terminal raw.  Error at the top. */
static void set_message_printable(lua_State *L) {
  lua_getfield(L, -1, "message");
  dt_printable_push(L, -1, 1);
  lua_setfield(L, -3, "message");
  lua_pop(L, 1);
}

static void set_effect(lua_State *L, const char *effect, int retryable) {
  set_string(L, "outcome", effect);
  lua_pushboolean(L, retryable);
  lua_setfield(L, -2, "retryable");
}

void dt_failure_push(lua_State *L, dt_request *r, long status) {
  int answered = status >= 300 || (status >= 100 && status < 200 &&
                                   r->transfer.code == CURLE_OK);
  const char *kind = answered ? kind_of_status(status) : kind_of_code(r);
  luaL_checkstack(L, 10, NULL);
  lua_pushnil(L);
  push_error(L, r, kind);
  if (answered) {
    lua_pushinteger(L, (lua_Integer)status);
    lua_setfield(L, -2, "status");
    read_answer(L, r, status);
  }
  else {
    push_cause(L, r);
    if (strcmp(kind, "cancelled") != 0 && strcmp(kind, "file") != 0) {
      lua_pushlstring(L, r->url.data, r->base_length);
      lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), lua_tostring(L, -2));
      lua_replace(L, -3);
      lua_pop(L, 1);
    }
    lua_setfield(L, -2, "message");
    status = 0;
  }
  set_effect(L, outcome(r, kind, status), is_retryable(r, kind, status));
  if (r->request_id[0])
    set_string(L, "request_id", r->request_id);
  double seconds = retry_after(r, status);
  if (seconds >= 0) {
    lua_pushnumber(L, (lua_Number)seconds);
    lua_setfield(L, -2, "retry_after");
  }
  redact(L, r);
  set_message_printable(L);
}

void dt_failure_file(lua_State *L, dt_request *r, const char *path,
                     const char *verb, int error) {
  const char *reason = error == EINVAL ? "not a regular file" : strerror(error);
  luaL_checkstack(L, 10, NULL);
  lua_pushnil(L);
  push_error(L, r, "file");
  lua_pushfstring(L, "cannot %s %s: %s", verb, path, reason);
  lua_setfield(L, -2, "message");
  set_effect(L, "failed", 0);
  set_message_printable(L);
}

void dt_failure_protocol(lua_State *L, dt_request *r, long status) {
  luaL_checkstack(L, 10, NULL);
  lua_pushnil(L);
  lua_insert(L, -2);
  push_error(L, r, "protocol");
  lua_insert(L, -2);
  lua_setfield(L, -2, "message");
  if (status) {
    lua_pushinteger(L, (lua_Integer)status);
    lua_setfield(L, -2, "status");
  }
  set_effect(L, is_reading(r) || !status ? "failed" : "unknown", 0);
  set_message_printable(L);
}
