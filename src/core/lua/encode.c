/* Parameters -> URL and JSON body, as the operation's row says. */
#include "encode.h"

#include <stdbool.h>
#include <string.h>

#include "json.h"
#include "misuse.h"

bool dt_encode_has_body(const dt_operation *op) {
  for (const dt_field *f = op->params; f && f->name; f++)
    if (f->place == DT_BODY)
      return 1;
  return 0;
}

/* The field that has the key below the top as its name, or NULL. */
static const dt_field *named_by_key(lua_State *L, const dt_field *fields) {
  size_t n;
  if (lua_type(L, -2) != LUA_TSTRING)
    return NULL;
  const char *name = lua_tolstring(L, -2, &n);
  const dt_field *f = dt_operations_field(fields, name);
  return f && strlen(f->name) == n ? f : NULL; /* a NUL may follow */
}

/* Raises for a key of the table at 'params' that no field has. */
static void refuse_unknown(lua_State *L, const dt_operation *op, int params) {
  for (lua_pushnil(L); lua_next(L, params); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      dt_misuse(L, "%s: option names must be strings, got %s", op->name,
                luaL_typename(L, -2));
    const char *name = lua_tostring(L, -2);
    if (named_by_key(L, op->params) ||
        named_by_key(L, dt_operations_options(op)))
      continue;
    const char *nearest = dt_operations_nearest(op, name);
    if (nearest)
      dt_misuse(L, "%s: unknown option '%s' (did you mean '%s'?)", op->name,
                name, nearest);
    dt_misuse(L, "%s: unknown option '%s'", op->name, name);
  }
}

/* The text of a scalar as it stands in a URL; pushes it. */
static const char *push_text(lua_State *L, int index, size_t *n) {
  long long integer;
  if (lua_isboolean(L, index))
    lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
  else if (dt_tointeger(L, index, &integer)) {
    char text[24];
    char *p = text + sizeof text;
    unsigned long long rest = integer < 0 ? 0 - (unsigned long long)integer
                                          : (unsigned long long)integer;
    do
      *--p = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (integer < 0)
      *--p = '-';
    lua_pushlstring(L, p, (size_t)(text + sizeof text - p));
  }
  else if (lua_type(L, index) == LUA_TNUMBER) {
    char text[40];
    dt_json_number(text, sizeof text, (double)lua_tonumber(L, index));
    lua_pushstring(L, text);
  }
  else
    lua_pushvalue(L, index);
  return lua_tolstring(L, -1, n);
}

static void add_key(dt_buffer *url, const char *key, int *first) {
  dt_buffer_addc(url, *first ? '?' : '&');
  *first = 0;
  dt_buffer_addescaped(url, key, strlen(key));
  dt_buffer_addc(url, '=');
}

static void add_text(lua_State *L, dt_buffer *url, int index) {
  size_t n;
  const char *s = push_text(L, index, &n);
  dt_buffer_addescaped(url, s, n);
  lua_pop(L, 1);
}

/* One query parameter, checked: a list repeats the key, a map is JSON. */
static void add_query(lua_State *L, const dt_spot *spot, const dt_field *field,
                      int index, dt_buffer *url, dt_buffer *scratch,
                      int *first) {
  const char *key = dt_operations_wire_name(field);
  if (field->many == DT_ONE) {
    dt_encode_check(L, spot, field, index);
    add_key(url, key, first);
    add_text(L, url, index);
    return;
  }
  size_t start = scratch->len;
  dt_encode_json(L, spot, field, index, scratch); /* checks it, too */
  if (field->many == DT_MAP) {
    add_key(url, key, first);
    dt_buffer_addescaped(url, scratch->data + start, scratch->len - start);
  }
  scratch->len = start;
  for (size_t i = 1; field->many == DT_LIST && i <= dt_rawlen(L, index); i++) {
    add_key(url, key, first);
    lua_rawgeti(L, index, (int)i);
    add_text(L, url, lua_gettop(L));
    lua_pop(L, 1);
  }
}

/* One segment of the path.  "." and ".." would leave the collection. */
static void add_segment(lua_State *L, const dt_spot *spot,
                        const dt_field *field, int index, dt_buffer *url) {
  dt_encode_check(L, spot, field, index);
  const char *s =
      lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : "";
  if (strcmp(s, ".") == 0 || strcmp(s, "..") == 0)
    dt_encode_complain(L, spot, "'%s' cannot be an id", s);
  add_text(L, url, index);
}

/* The path template with its {names} replaced. */
static void add_path(lua_State *L, const dt_operation *op, int params,
                     dt_buffer *url) {
  dt_spot top = {.operation = op->name};
  const char *p = op->path;
  for (const char *open; (open = strchr(p, '{')) != NULL;) {
    const char *end = strchr(open, '}');
    dt_buffer_add(url, p, (size_t)(open - p));
    lua_pushlstring(L, open + 1, (size_t)(end - open - 1));
    const dt_field *field =
        dt_operations_field(op->params, lua_tostring(L, -1));
    dt_spot here = {.outer = &top, .field = field->name};
    lua_rawget(L, params);
    if (lua_isnil(L, -1))
      dt_encode_complain(L, &here, "required");
    add_segment(L, &here, field, lua_gettop(L), url);
    lua_pop(L, 1);
    p = end + 1;
  }
  dt_buffer_adds(url, p);
}

/* Adds one field that is not part of the path; the value is at 'index'. */
static void add_field(lua_State *L, const dt_spot *spot, const dt_field *field,
                      int index, dt_buffer *url, dt_buffer *body, int *first) {
  if (field->place == DT_QUERY)
    add_query(L, spot, field, index, url, body, first);
  else if (field->place == DT_BODY) {
    if (body->len > 1)
      dt_buffer_addc(body, ',');
    dt_buffer_addc(body, '"');
    dt_buffer_adds(body, dt_operations_wire_name(field));
    dt_buffer_adds(body, "\":");
    dt_encode_json(L, spot, field, index, body);
  }
  else if (field->many == DT_ONE)
    dt_encode_check(L, spot, field, index);
  else if (field->place == DT_SOURCE && field->many == DT_LIST &&
           lua_istable(L, index)) /* may be large: only looked at */
    for (size_t i = 1; i <= dt_rawlen(L, index); i++) {
      dt_spot here = {.outer = spot, .item = i};
      lua_rawgeti(L, index, (int)i);
      dt_encode_check(L, &here, field, lua_gettop(L));
      lua_pop(L, 1);
    }
  else { /* checked like the rest, sent by somebody else */
    size_t start = body->len;
    dt_encode_json(L, spot, field, index, body);
    body->len = start;
  }
}

/* Puts the values of the table at 'params' on the stack: those of the row's
 * fields in their order, then those of its options; nil for what it lacks.
 * Returns whether there is a field for each key. */
static int spread(lua_State *L, const dt_operation *op, int params) {
  const dt_field *options = dt_operations_options(op);
  int before = lua_gettop(L), known = 1;
  int own = dt_operations_count(op->params);
  int all = own + dt_operations_count(options);
  luaL_checkstack(L, all + 10, "too many parameters");
  lua_settop(L, before + all);
  for (lua_pushnil(L); lua_next(L, params);) {
    const dt_field *f = named_by_key(L, op->params);
    const dt_field *option = f ? NULL : named_by_key(L, options);
    if (f)
      lua_replace(L, before + 1 + (int)(f - op->params));
    else if (option)
      lua_replace(L, before + 1 + own + (int)(option - options));
    else {
      known = 0;
      lua_pop(L, 1);
    }
  }
  return known;
}

/* Adds all fields of a list, whose values begin at 'index'. */
static void add_fields(lua_State *L, const dt_spot *top, const dt_field *fields,
                       int index, dt_buffer *url, dt_buffer *body, int *first) {
  for (const dt_field *f = fields; f && f->name; f++, index++) {
    dt_spot here = {.outer = top, .field = f->name};
    if (!lua_isnil(L, index)) {
      if (f->place != DT_PATH)
        add_field(L, &here, f, index, url, body, first);
    }
    else if (f->flags & DT_REQUIRED)
      dt_encode_complain(L, &here, "required");
  }
}

void dt_encode_params(lua_State *L, const dt_operation *op, int params,
                      dt_buffer *url, dt_buffer *body) {
  dt_spot top = {.operation = op->name};
  /* What is checked must be what is read later: no metamethods in between. */
  if (lua_getmetatable(L, params))
    luaL_argerror(L, params, "plain table expected");
  int first = 1, has_body = dt_encode_has_body(op), before = lua_gettop(L);
  add_path(L, op, params, url);
  if (has_body)
    dt_buffer_addc(body, '{');
  int known = spread(L, op, params), own = dt_operations_count(op->params);
  add_fields(L, &top, op->params, before + 1, url, body, &first);
  add_fields(L, &top, dt_operations_options(op), before + 1 + own, url, body,
             &first);
  if (!known)
    refuse_unknown(L, op, params);
  lua_settop(L, before);
  if (has_body)
    dt_buffer_addc(body, '}');
}

/* The query of a custom request: a table of scalars and lists of them. */
static void add_free_query(lua_State *L, const dt_spot *spot, int index,
                           dt_buffer *url, int first) {
  dt_encode_check_table(L, spot, index);
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    int value = lua_gettop(L);
    if (lua_type(L, value - 1) != LUA_TSTRING)
      dt_encode_complain(L, spot, "keys must be strings");
    const char *key = lua_tostring(L, value - 1);
    dt_spot here = {.outer = spot, .key = key};
    size_t n =
        lua_istable(L, value) ? dt_encode_check_list(L, &here, value) : 1;
    for (size_t i = 1; i <= n; i++) {
      if (lua_istable(L, value))
        lua_rawgeti(L, value, (int)i);
      else
        lua_pushvalue(L, value);
      int type = lua_type(L, -1);
      if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
        dt_encode_complain(L, &here, "a %s cannot stand in a query",
                           luaL_typename(L, -1));
      double number = type == LUA_TNUMBER ? (double)lua_tonumber(L, -1) : 0;
      if (number - number != 0)
        dt_encode_complain(L, &here, "not a finite number");
      add_key(url, key, &first);
      add_text(L, url, lua_gettop(L));
      lua_pop(L, 1);
    }
  }
}

void dt_encode_custom(lua_State *L, const dt_operation *op, int params,
                      dt_buffer *url, dt_buffer *body) {
  dt_spot top = {.operation = op->name};
  dt_spot path = {.outer = &top, .field = "path"};
  dt_spot query = {.outer = &top, .field = "query"};
  dt_spot json = {.outer = &top, .field = "body"};
  size_t n;
  lua_getfield(L, params, "path");
  const char *s = lua_tolstring(L, -1, &n);
  if (s[0] != '/')
    dt_encode_complain(L, &path, "must start with '/'");
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)s[i] <= ' ' || s[i] == '#' || s[i] == 127)
      dt_encode_complain(L, &path, "contains a character that must be escaped");
  dt_buffer_add(url, s, n);
  bool has_query = strchr(s, '?') != NULL;
  lua_getfield(L, params, "query");
  if (!lua_isnil(L, -1))
    add_free_query(L, &query, lua_gettop(L), url, !has_query);
  lua_getfield(L, params, "body");
  if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
    dt_encode_any(L, &json, lua_gettop(L), body);
  lua_pop(L, 3);
}

static int scratch__gc(lua_State *L) {
  dt_buffer *scratch = lua_touserdata(L, 1);
  dt_buffer_free(&scratch[0]);
  dt_buffer_free(&scratch[1]);
  return 0;
}

/* Pushes two buffers that the collector frees. */
static dt_buffer *push_scratch(lua_State *L) {
  dt_buffer *scratch = dt_newuserdata(L, 2 * sizeof *scratch, 0);
  memset(scratch, 0, 2 * sizeof *scratch);
  lua_newtable(L);
  lua_pushcfunction(L, scratch__gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return scratch;
}

int dt_encode_check_params(lua_State *L) {
  const dt_operation *op = dt_operations_find(luaL_checkstring(L, 1));
  luaL_argcheck(L, op, 1, "no such operation");
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  dt_buffer *scratch = push_scratch(L);
  dt_encode_params(L, op, 2, &scratch[0], &scratch[1]);
  return 0;
}

int dt_encode_value(lua_State *L) {
  dt_spot spot = {.operation = luaL_checkstring(L, 1)};
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  dt_buffer *json = push_scratch(L);
  dt_encode_any(L, &spot, 2, json);
  if (json->failed)
    return luaL_error(L, "not enough memory");
  lua_pushlstring(L, json->data, json->len);
  dt_buffer_free(json);
  return 1;
}
