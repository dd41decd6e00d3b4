#include "decode_bytes.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "failure.h"
#include "json.h"
#include "../../wire/base64.h"

const char *dt_decode_bytes(lua_State *L, dt_request *r) {
  size_t n, size;
  if (lua_type(L, -1) != LUA_TSTRING)
    return "string expected";
  const char *text = lua_tolstring(L, -1, &n);
  /* A userdata, for pushing the result may raise. */
  char *bytes = dt_newuserdata(L, dt_base64_decoded_size(n) + 1, 0);
  const char *problem = NULL;
  if (!dt_base64_decode(text, n, false, bytes, &size))
    problem = "it is not base64";
  else if (size == 0)
    problem = "it is empty";
  else if (!r->saved)
    lua_pushlstring(L, bytes, size);
  else {
    if (r->saved->done == 0) /* once, whatever the answer holds */
      dt_sink_write(r->saved, bytes, size);
    dt_pushinteger(L, (long long)size);
  }
  if (problem)
    lua_pushnil(L);
  lua_replace(L, -3);
  lua_pop(L, 1);
  return problem;
}

int dt_decode_save(lua_State *L, dt_request *r) {
  int error = r->saved->error ? r->saved->error : dt_sink_commit(r->saved);
  if (error)
    dt_failure_file(L, r, r->saved->path, "write", error);
  return error == 0;
}

/* Replaces the text at the top by what is between the white space around it. */
static void trim(lua_State *L) {
  size_t n;
  const char *s = lua_tolstring(L, -1, &n);
  size_t skipped = strspn(s, " \t\r\n");
  while (n > skipped && strchr(" \t\r\n", s[n - 1]))
    n--;
  lua_pushlstring(L, s + skipped, n - skipped);
  lua_remove(L, -2);
}

void dt_decode_text(lua_State *L) {
  lua_pushvalue(L, -1);
  bool is_json = dt_json_decode(L);
  int type = lua_type(L, -1);
  if (is_json && type != LUA_TNUMBER && type != LUA_TBOOLEAN) {
    lua_remove(L, -2);
    return;
  }
  lua_pop(L, 1); /* of text that happens to look like JSON, or the problem */
  trim(L);
}

/* Whether it can be shown to people as a link. */
static bool is_link(const char *s, size_t n) {
  if (strncasecmp(s, "http", 4) != 0)
    return false;
  const char *rest = s + (s[4] == 's' || s[4] == 'S' ? 5 : 4);
  if (strncmp(rest, "://", 3) != 0 || rest[3] == '\0')
    return false;
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)s[i] <= ' ' || s[i] == '\177')
      return false;
  return true;
}

const char *dt_decode_text_problem(lua_State *L, const dt_field *f) {
  size_t n;
  const char *s = lua_tolstring(L, -1, &n);
  if ((f->flags & (DT_SAID | DT_ID)) && strspn(s, " \t\r\n\v\f") == n)
    return "it is blank";
  if ((f->flags & DT_ID) && (strlen(s) != n || strpbrk(s, "\r\n") ||
                             strcmp(s, ".") == 0 || strcmp(s, "..") == 0))
    return "it cannot be an id";
  if ((f->flags & DT_URL) && !is_link(s, n))
    return "no http or https URL";
  return NULL;
}
