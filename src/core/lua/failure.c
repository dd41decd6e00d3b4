#include "failure.h"

#include <errno.h>
#include <string.h>

#include "../flow/effect.h"
#include "failure_answer.h"
#include "failure_cause.h"
#include "json.h"
#include "printable.h"
#include "../flow/handle.h"

enum { MIN_PART = 4 /* fewer bytes of a credential tell nothing */ };

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

/* Replaces every occurrence of the credential in 'b' by "***", also one that
 * was cut at the end: a server may echo it. */
static int redact_buffer(dt_buffer *b, const char *token) {
  static const char mark[] = "***";
  size_t n = strlen(token), to = 0, found = 0;
  if (n < sizeof mark)
    return 0;
  for (size_t i = 0; i < b->len;) {
    size_t left = b->len - i;
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
  b->len = to;
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
    lua_pushlstring(L, b->data, b->failed ? 0 : b->len);
    lua_rawset(L, error);
  }
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
 * without Retry-After may still tell when its limiter has calls again. */
static double retry_after(const dt_request *r, long status) {
  const dt_rate_limit *limit = dt_rate_limit_tightest(&r->limits);
  if (r->retry_after < 0 && status == 429 && limit && limit->remaining < 1)
    return limit->reset;
  return r->retry_after;
}

/* The message is for people: parts of it come from the server, and may not
 * reach a terminal raw.  Error at the top. */
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

/* Sets the message of the error at the top for a request without an answer. */
static void set_cause(lua_State *L, const dt_request *r, const char *kind) {
  dt_failure_push_cause(L, r);
  if (strcmp(kind, "cancelled") != 0 && strcmp(kind, "file") != 0) {
    lua_pushlstring(L, r->url.data, r->base_length);
    lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), lua_tostring(L, -2));
    lua_replace(L, -3);
    lua_pop(L, 1);
  }
  lua_setfield(L, -2, "message");
}

static void set_status(lua_State *L, long status) {
  lua_pushinteger(L, (lua_Integer)status);
  lua_setfield(L, -2, "status");
}

void dt_failure_push(lua_State *L, dt_request *r, long status) {
  int answered = status >= 300 || (status >= 100 && status < 200 &&
                                   r->transfer.code == CURLE_OK);
  const char *kind =
      answered ? kind_of_status(status) : dt_failure_kind_of_code(r);
  luaL_checkstack(L, 10, NULL);
  lua_pushnil(L);
  push_error(L, r, kind);
  if (answered) {
    set_status(L, status);
    redact_buffer(&r->error_body, r->client->token);
    dt_failure_read_answer(L, r, status);
  }
  else {
    status = 0;
    if (r->transfer.easy && r->sendings == 0)
      r->proxy_status = dt_handle_proxy_status(r->transfer.easy);
    set_cause(L, r, kind);
  }
  set_effect(L, dt_effect_outcome(r, status),
             dt_effect_is_retryable(r, kind, status));
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

int dt_failure_push_hint(lua_State *L, dt_request *r) {
  if (r->refused)
    lua_pushliteral(L, "refused");
  else if (r->transfer.code == CURLE_SSL_CONNECT_ERROR &&
           strcmp(dt_failure_kind_of_code(r), "connection") == 0)
    lua_pushliteral(L, "broken handshake");
  else if (r->sources && r->error_body.len > 0) {
    lua_pushlstring(L, r->error_body.data, r->error_body.len);
    if (!dt_json_decode(L)) {
      lua_pop(L, 1);
      return 0;
    }
  }
  else
    return 0;
  return 1;
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
  if (status)
    set_status(L, status);
  set_effect(L, dt_effect_outcome(r, 0), 0);
  redact(L, r);
  set_message_printable(L);
}

void dt_failure_not_json(lua_State *L, dt_request *r, long status,
                         const char *reason) {
  size_t n;
  luaL_checkstack(L, 10, NULL);
  lua_pushnil(L);
  lua_insert(L, -2);
  push_error(L, r, "protocol");
  lua_insert(L, -2);
  const char *body = lua_tolstring(L, -1, &n);
  lua_pushlstring(L, body, n < DT_ERROR_BODY ? n : DT_ERROR_BODY);
  lua_setfield(L, -3, "body");
  lua_pop(L, 1);
  redact(L, r); /* before a part of the body is told */
  lua_getfield(L, -1, "body");
  dt_failure_push_not_json(L, r, status, reason, lua_gettop(L));
  lua_setfield(L, -3, "message");
  lua_pop(L, 1);
  set_status(L, status);
  set_effect(L, dt_effect_outcome(r, 0), 0);
  redact(L, r);
  set_message_printable(L);
}
