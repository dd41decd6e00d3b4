#include "failure_answer.h"

#include <stdbool.h>
#include <string.h>

#include "../socket/answer.h"
#include "json.h"
#include "../flow/request_setup.h"
#include "../flow/route.h"
#include "../../wire/utf8.h"

enum { MAX_MESSAGE = 2048, BEGINNING = 100 };

/* Pushes a message from the member at the top, a string or a list of them;
 * replaces it.  Anything else gives nil. */
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
 * leaves the message (or nil) in its place. */
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

const char *dt_failure_phrase(long status) {
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

/* Pushes a URL without what may be a secret: its user, its query, its
 * fragment. */
static void push_place(lua_State *L, const char *url) {
  size_t n = strcspn(url, "?#");
  const char *scheme = strstr(url, "://");
  const char *host = scheme && (size_t)(scheme - url) < n ? scheme + 3 : url;
  size_t authority = strcspn(host, "/?#");
  const char *at = host > url ? memrchr(host, '@', authority) : NULL;
  const char *rest = at ? at + 1 : host;
  lua_pushlstring(L, url, (size_t)(host - url));
  lua_pushlstring(L, rest, n - (size_t)(rest - url));
  lua_concat(L, 2);
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
    push_place(L, where ? where : "another place");
    lua_pushfstring(L, "the server redirects to %s, which is not followed",
                    lua_tostring(L, -1));
    lua_remove(L, -2);
  }
  else if (dt_failure_phrase(status))
    lua_pushstring(L, dt_failure_phrase(status));
  else
    lua_pushfstring(L, "the server answered with status %d", (int)status);
}

const char *dt_failure_type(const dt_request *r) {
  char *known = NULL;
  if (r->answer)
    return r->answer->content_type;
  if (r->transfer.easy &&
      !curl_easy_getinfo(r->transfer.easy, CURLINFO_CONTENT_TYPE, &known) &&
      known)
    return known;
  return r->type;
}

/* Whether a text begins as a page does. */
static int begins_as_page(const char *s, size_t n) {
  static const char *const beginnings[] = {"<!doctype html", "<html", "<head"};
  while (n > 0 && strchr(" \t\r\n", *s)) {
    s++;
    n--;
  }
  for (int i = 0; i < 3; i++)
    if (n >= strlen(beginnings[i]) &&
        curl_strnequal(s, beginnings[i], strlen(beginnings[i])))
      return 1;
  return 0;
}

/* Pushes the beginning of a text in one line. */
static void push_beginning(lua_State *L, const char *s, size_t n) {
  char line[BEGINNING + 4];
  size_t length = 0;
  for (; n > 0 && length < BEGINNING; s++, n--) {
    bool is_space = (unsigned char)*s <= ' ' || *s == 127;
    if (!is_space)
      line[length++] = *s;
    else if (length > 0 && line[length - 1] != ' ')
      line[length++] = ' ';
  }
  if (n > 0) {
    length = dt_utf8_prefix(line, length);
    memcpy(line + length, "...", 3);
    length += 3;
  }
  lua_pushlstring(L, line, length);
}

void dt_failure_push_not_json(lua_State *L, const dt_request *r, long status,
                              const char *reason, int index) {
  size_t n;
  const char *text = lua_tolstring(L, index, &n), *type = dt_failure_type(r);
  const char *question =
      status >= 500                         ? ""
      : r->operation->plane == DT_TOOLBOX   ? " (is the toolbox_proxy_url of "
                                              "the sandbox right?)"
      : r->operation->plane == DT_ELSEWHERE ? ""
                                            : " (is api_url right?)";
  push_beginning(L, text, n);
  if (reason && !dt_request_is_page_type(type) && !begins_as_page(text, n))
    lua_pushfstring(L, "the answer is not valid JSON: %s; it begins: %s",
                    reason, lua_tostring(L, -1));
  else {
    lua_pushlstring(L, r->url.data, strcspn(r->url.data, "?"));
    lua_pushfstring(L, "%s answered with %s, not with JSON%s: %s",
                    lua_tostring(L, -1), type[0] ? type : "a page of HTML",
                    question, lua_tostring(L, -2));
    lua_remove(L, -2);
  }
  lua_remove(L, -2);
}

/* Pushes what to say of an answer without words of its own; the string at the
 * top is its body, or nil, and is replaced. */
static void push_bare(lua_State *L, dt_request *r, long status) {
  const char *type = dt_failure_type(r);
  dt_proxy proxy;
  size_t n = 0;
  const char *body = lua_tolstring(L, -1, &n);
  push_default_message(L, r, status);
  if (status >= 400 && n > 0 &&
      (dt_request_is_page_type(type) || begins_as_page(body, n))) {
    dt_failure_push_not_json(L, r, status, NULL, lua_gettop(L) - 1);
    lua_pushfstring(L, "%s: %s", lua_tostring(L, -2), lua_tostring(L, -1));
    lua_replace(L, -3);
    lua_pop(L, 1);
  }
  if ((status == 407 || status == 502 || status == 504) &&
      curl_strnequal(r->url.data, "http:", 5) &&
      dt_route_find_proxy(r->url.data, &proxy)) {
    lua_pushfstring(L, "%s (through the proxy %s of %s)", lua_tostring(L, -1),
                    proxy.url, proxy.variable);
    lua_replace(L, -2);
  }
  lua_replace(L, -2);
}

static bool is_plain_text(const dt_request *r) {
  const char *type = dt_failure_type(r);
  return r->error_body.len > 0 && r->error_body.len <= MAX_MESSAGE &&
         (!type[0] || curl_strnequal(type, "text/plain", 10)) &&
         !begins_as_page(r->error_body.data, r->error_body.len);
}

/* Replaces the body at the top by what it says, or by nil; the error is below
 * it. */
static void read_body(lua_State *L, dt_request *r) {
  const dt_buffer *b = &r->error_body;
  lua_pushlstring(L, b->data, b->len);
  if (!dt_json_decode(L)) {
    lua_pop(L, 1);
    if (!is_plain_text(r))
      lua_pushnil(L);
    else
      lua_pushlstring(L, b->data, b->len);
    return;
  }
  read_envelope(L);
}

void dt_failure_read_answer(lua_State *L, dt_request *r, long status) {
  const dt_buffer *b = &r->error_body;
  if (b->len > 0) {
    lua_pushlstring(L, b->data,
                    b->len < DT_ERROR_BODY ? b->len : DT_ERROR_BODY);
    lua_setfield(L, -2, "body");
    read_body(L, r);
  }
  else
    lua_pushnil(L);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_getfield(L, -1, "body");
    push_bare(L, r, status);
  }
  lua_setfield(L, -2, "message");
}
