#include "decode.h"

#include <stdbool.h>
#include <string.h>

#include "decode_bytes.h"
#include "failure.h"
#include "failure_answer.h"
#include "json.h"
#include "request.h"
#include "request_info.h"
#include "sandbox.h"
#include "../flow/request_setup.h"

enum { MAX_NAME = 128 };

typedef struct decoder {
  dt_request *request;
  int owner;             /* stack index of the Lua client */
  const char *complaint; /* why the answer makes no sense, or NULL */
  const char *field;     /* where */
} decoder;

/* Remembers the first thing that is wrong. */
static void complain(decoder *d, const char *field, const char *complaint) {
  if (!d->complaint) {
    d->complaint = complaint;
    d->field = field;
  }
}

static bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool is_small(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* camelCase -> snake_case, whatever the locale; a name that is too long stays
 * as it is. */
static void push_snake(lua_State *L, const char *s, size_t n) {
  char out[2 * MAX_NAME];
  size_t k = 0;
  if (n > MAX_NAME) {
    lua_pushlstring(L, s, n);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    int ends_capitals =
        i > 0 && i + 1 < n && is_upper(s[i - 1]) && is_small(s[i + 1]);
    if (is_upper(s[i]) && i > 0 && (is_small(s[i - 1]) || ends_capitals))
      out[k++] = '_';
    out[k++] = is_upper(s[i]) ? (char)(s[i] - 'A' + 'a') : s[i];
  }
  lua_pushlstring(L, out, k);
}

/* Replaces an integral double at the top by an integer. */
static void to_integer(lua_State *L) {
  long long n;
  if (DT_HAS_INTEGERS && dt_tointeger(L, -1, &n)) {
    lua_pop(L, 1);
    dt_pushinteger(L, n);
  }
}

/* Cleans the user's own data at the top in place: null becomes nil, integral
 * numbers integers; keys stay.  With 'rename' also keys become snake_case and
 * the table is a new one. */
static void clean(lua_State *L, int rename) {
  luaL_checkstack(L, 8, "answer nested too deep");
  if (dt_json_isnull(L, -1)) {
    lua_pop(L, 1);
    lua_pushnil(L);
  }
  else if (lua_type(L, -1) == LUA_TNUMBER)
    to_integer(L);
  if (!lua_istable(L, -1))
    return;
  int table = lua_gettop(L), target = table;
  if (rename) {
    lua_newtable(L);
    target = table + 1;
  }
  for (lua_pushnil(L); lua_next(L, table);) {
    clean(L, rename);
    if (rename && lua_type(L, -2) == LUA_TSTRING) {
      size_t n;
      const char *key = lua_tolstring(L, -2, &n);
      push_snake(L, key, n);
    }
    else
      lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, target);
  }
  if (rename)
    lua_remove(L, table);
}

static void convert(lua_State *L, decoder *d, const dt_field *f);

/* Checks the scalar at the top against its type. */
static void convert_scalar(lua_State *L, decoder *d, const dt_field *f) {
  int type = lua_type(L, -1);
  if (f->type == DT_ANY)
    clean(L, 0);
  else if (f->type == DT_BYTES) {
    const char *problem = dt_decode_bytes(L, d->request);
    if (problem)
      complain(d, f->name, problem);
  }
  else if (f->type == DT_STRING && type != LUA_TSTRING)
    complain(d, f->name, "string expected");
  else if (f->type == DT_STRING && dt_decode_text_problem(L, f))
    complain(d, f->name, dt_decode_text_problem(L, f));
  else if (f->type == DT_BOOLEAN && type != LUA_TBOOLEAN)
    complain(d, f->name, "boolean expected");
  else if ((f->type == DT_NUMBER || f->type == DT_INTEGER) &&
           type != LUA_TNUMBER)
    complain(d, f->name, "number expected");
  else if (f->type == DT_INTEGER) {
    long long n;
    if (!dt_tointeger(L, -1, &n))
      complain(d, f->name, "integer below 2^53 expected");
    to_integer(L);
  }
  else if (f->type == DT_NUMBER)
    to_integer(L);
}

/* The field of that name on the wire; older servers begin some with a capital.
 */
static const dt_field *find_wire(const dt_field *fields, const char *wire) {
  char lower[MAX_NAME];
  const dt_field *f = dt_operations_wire(fields, wire);
  size_t n = f || !is_upper(wire[0]) ? sizeof lower : strlen(wire);
  if (n >= sizeof lower)
    return f;
  memcpy(lower, wire, n + 1);
  lower[0] = (char)(lower[0] - 'A' + 'a');
  return dt_operations_wire(fields, lower);
}

/* Replaces the object at the top by a new table: names in Lua's manner, types
 * as in the shape, unknown members kept. */
static void convert_object(lua_State *L, decoder *d, const dt_field *of) {
  const dt_shape *shape = dt_operations_shape(of);
  const dt_field *fields = shape ? shape->fields : NULL;
  if (!lua_istable(L, -1)) {
    complain(d, of->name, "object expected");
    return;
  }
  luaL_checkstack(L, 8, "answer nested too deep");
  int from = lua_gettop(L), to = from + 1;
  lua_createtable(L, 0, dt_operations_count(fields));
  for (lua_pushnil(L); lua_next(L, from);) {
    size_t n;
    if (lua_type(L, -2) != LUA_TSTRING) {
      complain(d, of->name, "object expected, got a list");
      lua_pop(L, 1);
      continue;
    }
    const char *wire = lua_tolstring(L, -2, &n);
    const dt_field *f = find_wire(fields, wire);
    if (f) {
      convert(L, d, f);
      lua_setfield(L, to, f->name);
    }
    else {
      clean(L, 1);
      push_snake(L, wire, n);
      if (dt_operations_field(fields, lua_tostring(L, -1)))
        lua_pop(L, 2); /* the name of a field that has its own on the wire */
      else {
        lua_insert(L, -2);
        lua_rawset(L, to);
      }
    }
  }
  /* A list that is missing is empty; but an item of a page says nothing of
   * the fields that it leaves out. */
  for (const dt_field *f = fields; f && f->name && of->type != DT_HANDLE; f++) {
    if (f->many != DT_LIST && !(f->flags & (DT_SAID | DT_THERE)))
      continue;
    lua_getfield(L, to, f->name);
    if (lua_isnil(L, -1) && (f->flags & (DT_SAID | DT_THERE)))
      complain(d, f->name, "it is missing");
    else if (lua_isnil(L, -1)) {
      lua_newtable(L);
      lua_setfield(L, to, f->name);
    }
    lua_pop(L, 1);
  }
  lua_remove(L, from);
  if (of->type != DT_HANDLE || d->complaint)
    return;
  lua_getfield(L, -1, "id");
  if (dt_rawlen(L, -1) == 0)
    complain(d, of->name, "it has no id");
  lua_pop(L, 1);
  dt_sandbox_wrap(L, d->owner);
}

/* Converts every member of the list or map at the top in place. */
static void convert_members(lua_State *L, decoder *d, const dt_field *f) {
  dt_field one = *f;
  one.many = DT_ONE;
  if (!lua_istable(L, -1)) {
    complain(d, f->name, f->many == DT_LIST ? "list expected" : "map expected");
    return;
  }
  luaL_checkstack(L, 8, "answer nested too deep");
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table);) {
    if ((lua_type(L, -2) == LUA_TSTRING) != (f->many == DT_MAP))
      complain(d, f->name,
               f->many == DT_LIST ? "list expected" : "map expected");
    convert(L, d, &one);
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, table);
  }
}

/* Converts the decoded JSON value at the top as the field says. */
static void convert(lua_State *L, decoder *d, const dt_field *f) {
  if (dt_json_isnull(L, -1)) {
    lua_pop(L, 1);
    if (f->many == DT_ONE || (f->flags & DT_SAID))
      lua_pushnil(L);
    else
      lua_newtable(L);
  }
  else if (f->many != DT_ONE)
    convert_members(L, d, f);
  else if (f->type == DT_OBJECT || f->type == DT_HANDLE)
    convert_object(L, d, f);
  else
    convert_scalar(L, d, f);
}

static int fail(lua_State *L, dt_request *r, long status) {
  dt_failure_protocol(L, r, status);
  return 2;
}

/* Frees the bytes as soon as Lua has them: the answer may be large. */
static void push_body(lua_State *L, dt_request *r) {
  lua_pushlstring(L, dt_sink_first(&r->sink), dt_sink_held(&r->sink));
  dt_buffer_free(&r->sink.memory);
}

/* Replaces the body at the top by what its JSON says; on failure returns 0 with
 * nil and the error pushed. */
static int decode_body(lua_State *L, dt_request *r, long status) {
  lua_pushvalue(L, -1); /* for the message */
  if (dt_json_decode(L)) {
    lua_remove(L, -2);
    return 1;
  }
  lua_insert(L, -2);
  dt_failure_not_json(L, r, status, lua_tostring(L, -2));
  return 0;
}

static int decode_custom(lua_State *L, dt_request *r, long status,
                         int is_json) {
  size_t n = r->sink.memory.len;
  push_body(L, r);
  if (r->raw || (n > 0 && !is_json))
    return 1;
  if (n == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  if (!decode_body(L, r, status))
    return 2;
  if (dt_json_isnull(L, -1)) { /* nil would look like a failure */
    lua_pushboolean(L, 1);
    return 1;
  }
  clean(L, 0);
  return 1;
}

/* Adds the checksum to the table at the top if it is wanted. */
static void set_checksum(lua_State *L, const dt_request *r) {
  char hex[DT_SHA256_HEX + 1];
  if (!r->checksum.wanted)
    return;
  dt_sha256_hex(&r->checksum.sum, hex);
  lua_pushstring(L, hex);
  lua_setfield(L, -2, "sha256");
}

/* A download gives its content or how many bytes were written; with a checksum
 * that is member "value" of a table. */
static int decode_download(lua_State *L, dt_request *r) {
  if (r->checksum.wanted)
    lua_newtable(L);
  if (r->sink.kind == DT_SINK_FILE)
    dt_pushinteger(L, (long long)r->sink.done);
  else
    push_body(L, r);
  if (r->checksum.wanted) {
    lua_setfield(L, -2, "value");
    set_checksum(L, r);
  }
  return 1;
}

static int decode_row(lua_State *L, dt_request *r, long status) {
  const dt_field *f = &r->operation->result;
  decoder d = {.request = r};
  dt_getuservalue(L, 1, DT_REQUEST_CLIENT);
  dt_getuservalue(L, -1, 1);
  d.owner = lua_gettop(L);
  if (r->sink.memory.len == 0 && f->flags & DT_NULLABLE) {
    lua_pushboolean(L, 1);
    return 1;
  }
  if (r->sink.memory.len == 0) {
    lua_pushliteral(L, "the answer is empty where JSON was expected");
    return fail(L, r, status);
  }
  push_body(L, r);
  if (f->type == DT_STRING && f->many == DT_ONE)
    dt_decode_text(L);
  else if (!decode_body(L, r, status))
    return 2;
  if (f->many == DT_ONE && dt_json_isnull(L, -1)) {
    lua_pushliteral(L, "the answer is null where an object was expected");
    return fail(L, r, status);
  }
  convert(L, &d, f);
  if (d.complaint) {
    lua_pushfstring(L, "the answer makes no sense: field '%s': %s", d.field,
                    d.complaint);
    return fail(L, r, status);
  }
  if (r->saved && !dt_decode_save(L, r))
    return 2;
  if (r->operation->body == DT_UPLOAD || r->operation->body == DT_RAW_BODY) {
    dt_pushinteger(L, (long long)r->source.done);
    lua_setfield(L, -2, "sent");
    set_checksum(L, r);
  }
  return 1;
}

/* An answer of a server in a sandbox. */
static int decode_exchange(lua_State *L, dt_request *r, long status) {
  lua_newtable(L);
  lua_pushinteger(L, (lua_Integer)status);
  lua_setfield(L, -2, "status");
  dt_request_push_headers(L, r);
  lua_setfield(L, -2, "headers");
  push_body(L, r);
  lua_setfield(L, -2, "body");
  return 1;
}

int dt_decode_result(lua_State *L, dt_request *r, long status, int is_json) {
  const dt_operation *op = r->operation;
  if (op->flags & DT_EXCHANGE)
    return decode_exchange(L, r, status);
  if (r->method)
    return decode_custom(L, r, status, is_json);
  if (op->body == DT_DOWNLOAD)
    return decode_download(L, r);
  if (op->result.name)
    return decode_row(L, r, status);
  if (r->sink.memory.len > 0 && dt_request_is_page_type(r->type)) {
    push_body(L, r);
    dt_failure_not_json(L, r, status, NULL);
    return 2;
  }
  lua_pushboolean(L, 1);
  return 1;
}

int dt_decode_value(lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  if (!dt_json_decode(L))
    return 0;
  clean(L, 0);
  return 1;
}
