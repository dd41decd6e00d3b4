/* Lookups in the table, and the table as Lua data. */
#include "operations.h"

#include <string.h>

#include "../lua/lua_compat.h"

/* clang-format off */
static const dt_field free_params[] = {
  {.name = "method", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "HTTP method"},
  {.name = "path", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path below the base URL, already escaped"},
  {.name = "query", .type = DT_ANY, .many = DT_MAP, .place = DT_CALL, .doc = "query parameters; a list repeats its key"},
  {.name = "body", .type = DT_ANY, .place = DT_CALL, .doc = "a table goes out as JSON, a string as it is"},
  {.name = "headers", .many = DT_MAP, .place = DT_CALL, .doc = "further headers"},
  {.name = "raw", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: the answer as a string, whatever it is"},
  {.name = "sandbox", .type = DT_ANY, .place = DT_CALL, .doc = "ask the toolbox of this sandbox instead of the API"},
  {.name = NULL}};

static const dt_field connect_params[] = {
  {.name = "path", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path below the base URL, already escaped"},
  {.name = "query", .type = DT_ANY, .many = DT_MAP, .place = DT_CALL, .doc = "query parameters; a list repeats its key"},
  {.name = "subprotocols", .many = DT_LIST, .place = DT_SUBPROTOCOL, .doc = "what the server may choose from"},
  {.name = "sandbox", .type = DT_ANY, .place = DT_CALL, .doc = "connect to the toolbox of this sandbox instead of the API"},
  {.name = NULL}};

#define EXCHANGE_PARAMS                                                                                                  \
  {.name = "url", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK | DT_LINE, .doc = "where the server is"},         \
  {.name = "path", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "path in the server, already escaped"},  \
  {.name = "query", .type = DT_ANY, .many = DT_MAP, .place = DT_CALL, .doc = "query parameters; a list repeats its key"},\
  {.name = "headers", .many = DT_MAP, .place = DT_CALL, .doc = "headers"}

static const dt_field exchange_params[] = {
  EXCHANGE_PARAMS,
  {.name = "method", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "HTTP method"},
  {.name = "body", .type = DT_ANY, .place = DT_CALL, .doc = "a table goes out as JSON, a string as it is"},
  {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk; none: the whole answer"},
  {.name = NULL}};

static const dt_field exchange_connect_params[] = {
  EXCHANGE_PARAMS,
  {.name = "subprotocols", .many = DT_LIST, .place = DT_SUBPROTOCOL, .doc = "what the server may choose from"},
  {.name = NULL}};

static const dt_field new_params[] = {
  {.name = "api_key", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "API key; default DAYTONA_API_KEY"},
  {.name = "jwt_token", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "JWT instead of a key; default DAYTONA_JWT_TOKEN"},
  {.name = "organization_id", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "needed with a JWT; default DAYTONA_ORGANIZATION_ID"},
  {.name = "api_url", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "base URL; default DAYTONA_API_URL, else Daytona's cloud"},
  {.name = "target", .place = DT_CALL, .doc = "region of new sandboxes; default DAYTONA_TARGET, else the server's choice"},
  {.name = "connect_timeout", .type = DT_NUMBER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 86400, .doc = "seconds to connect, default 10"},
  {.name = "silence_timeout", .type = DT_NUMBER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0.1, .max = 86400, .doc = "seconds after which a silent connection that a call waits on is given up, if nobody answers on it; default 10"},
  {.name = "ca_file", .place = DT_CALL, .doc = "PEM file of certificate authorities to trust instead of the system's; default CURL_CA_BUNDLE or SSL_CERT_FILE"},
  {.name = "max_response", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1024, .max = 9007199254740991.0, .doc = "largest answer kept in memory in bytes, default 64 MiB"},
  {.name = "allow_http", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "send the credential over plain http to other than this machine"},
  {.name = "retry_budget", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 1000000, .doc = "retries that the client's failures may cost, default 10; each success earns 0.1 back"},
  {.name = "on_request", .type = DT_ANY, .place = DT_CALL, .doc = "function called with every attempt sent; its argument: see daytona.Event"},
  {.name = "on_response", .type = DT_ANY, .place = DT_CALL, .doc = "function called with the outcome of every attempt"},
  {.name = "on_retry", .type = DT_ANY, .place = DT_CALL, .doc = "function called before the wait for another attempt"},
  {.name = "host", .type = DT_ANY, .place = DT_CALL, .doc = "how to wait; default daytona.host.plain"},
  {.name = NULL}};

static const dt_field reap_params[] = {
  {.name = "labels", .many = DT_MAP, .place = DT_CALL, .flags = DT_REQUIRED, .doc = "labels that all must be there, at least one"},
  {.name = "older_than", .type = DT_NUMBER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 0, .max = 1e12, .doc = "only those made at least so many seconds ago"},
  {.name = "dry_run", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: delete nothing"},
  {.name = NULL}};

#define DIR_PARAMS(from, to, whence, where) \
  {.name = from, .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = whence}, \
  {.name = to, .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK, .doc = where}, \
  {.name = "concurrency", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = 64, .doc = "requests at once where the host has tasks, default 4"}, \
  {.name = "checksum", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: report the SHA-256 of every file, each of which is then a request"}, \
  {.name = "on_progress", .type = DT_ANY, .place = DT_CALL, .doc = "function(done, total) of bytes; false given back cancels"}, \
  {.name = NULL}
static const dt_field upload_dir_params[] = {
  DIR_PARAMS("local_dir", "remote_dir", "local directory", "directory in the sandbox, made if it is not there")};
static const dt_field download_dir_params[] = {
  DIR_PARAMS("remote_dir", "local_dir", "directory in the sandbox", "local directory, made if it is not there")};

static const dt_field progress_params[] = {
  {.name = "label", .place = DT_CALL, .flags = DT_LINE, .doc = "what stands before the bar"},
  {.name = "stream", .type = DT_ANY, .place = DT_CALL, .doc = "open file to draw on, default standard error"},
  {.name = "terminal", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "draw or do not, whatever the stream is"},
  {.name = NULL}};

static const dt_field testing_params[] = {
  {.name = "program", .place = DT_CALL, .flags = DT_NONBLANK, .doc = "daytona-local; default DAYTONA_LOCAL, else the one in the PATH"},
  {.name = "as", .place = DT_CALL, .flags = DT_NONBLANK, .doc = "the older server to behave as, v0.190"},
  {.name = "expose", .many = DT_LIST, .place = DT_CALL, .doc = "HOST:PORT of services that sandboxes reach at 127.0.0.1:PORT"},
  {.name = "arguments", .many = DT_LIST, .place = DT_CALL, .doc = "further ones of daytona-local serve"},
  {.name = NULL}};

static const dt_field build_log_params[] = {
  {.name = "url", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK | DT_LINE, .doc = "where the log is"},
  {.name = "follow", .type = DT_BOOLEAN, .place = DT_QUERY, .doc = "true: the log as it grows, until the build has ended"},
  {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk; none: the whole log"},
  {.name = NULL}};

static const dt_field wait_for_params[] = {
  {.name = "state", .place = DT_CALL, .flags = DT_NONBLANK, .doc = "state of the sandbox, like started; deleted: it is gone"},
  {.name = "port", .type = DT_INTEGER, .place = DT_CALL, .flags = DT_BOUNDED, .min = 1, .max = 65535, .doc = "port in the sandbox that takes connections"},
  {.name = "url", .place = DT_CALL, .flags = DT_NONBLANK | DT_LINE, .doc = "HTTP server in the sandbox that answers with success: as it is in there, like http://localhost:3000/health, or a path of the port"},
  {.name = NULL}};

static const dt_field ask_url_params[] = {
  {.name = "url", .place = DT_CALL, .flags = DT_REQUIRED | DT_NONBLANK | DT_LINE, .doc = "where the server is"},
  {.name = "chunk_size", .type = DT_INTEGER, .place = DT_SINK, .flags = DT_BOUNDED, .min = 1, .max = 1073741824, .doc = "bytes of each chunk; none: the whole answer"},
  {.name = NULL}};

/* Rows of the Lua layer itself: their options are checked the same way. */
static const dt_operation local_rows[] = {
  {.name = "client.request", .method = "", .path = "", .params = free_params,
   .doc = "Any endpoint, with the client's credentials, retries and errors."},
  {.name = "client.connect", .method = "", .path = "", .params = connect_params, .body = DT_WEBSOCKET,
   .doc = "Any WebSocket, with the client's credentials."},
  {.name = "client.reap", .method = "", .path = "", .params = reap_params, .doc = "Deletes what was left behind."},
  {.name = "sandbox.ensure_started", .method = "", .path = "", .doc = "Brings it to the state started, from wherever it is."},
  {.name = "daytona.new", .method = "", .path = "", .params = new_params, .flags = DT_READS, .doc = "Makes a client."},
  {.name = "daytona.progress", .method = "", .path = "", .params = progress_params, .flags = DT_READS | DT_ALONE, .doc = "Makes an on_progress for terminals."},
  {.name = "testing.start", .method = "", .path = "", .params = testing_params, .flags = DT_ALONE, .doc = "Starts a daytona-local for a test."},
  {.name = "fs.upload_dir", .method = "", .path = "", .params = upload_dir_params, .doc = "Uploads a directory with all that is in it."},
  {.name = "fs.download_dir", .method = "", .path = "", .params = download_dir_params, .flags = DT_READS, .doc = "Downloads a directory with all that is in it."},
  {.name = "sandbox.build_log", .method = "GET", .plane = DT_ELSEWHERE, .path = "", .params = build_log_params, .body = DT_DOWNLOAD, .flags = DT_IDEMPOTENT,
   .doc = "What the build of the sandbox's image has printed, at the URL that sandbox.get_build_logs_url gives."},
  {.name = "sandbox.build_logs", .method = "", .path = "", .flags = DT_READS, .doc = "Reads the log of the build."},
  {.name = "sandbox.wait_for", .method = "", .path = "", .params = wait_for_params, .flags = DT_READS, .doc = "Waits until it is in a state, or a server in it answers."},
  {.name = "sandbox.ask_url", .method = "GET", .plane = DT_ELSEWHERE, .path = "", .params = ask_url_params, .body = DT_DOWNLOAD, .flags = DT_IDEMPOTENT,
   .header = "Authorization:", /* none: a server in the sandbox gets it */
   .doc = "Asks a server in the sandbox, without a credential."},
  {.name = "preview.request", .method = "", .plane = DT_ELSEWHERE, .path = "", .params = exchange_params, .body = DT_DOWNLOAD, .flags = DT_EXCHANGE,
   .doc = "Asks a server in the sandbox; any answer is the result."},
  {.name = "preview.connect", .method = "", .plane = DT_ELSEWHERE, .path = "", .params = exchange_connect_params, .body = DT_WEBSOCKET, .flags = DT_EXCHANGE,
   .doc = "A WebSocket to a server in the sandbox."},
  {.name = "sandbox.wait_until_started", .method = "", .path = "", .flags = DT_READS, .doc = "Waits until it is started."},
  {.name = "sandbox.wait_until_stopped", .method = "", .path = "", .flags = DT_READS, .doc = "Waits until it is stopped."},
  {.name = "sandbox.wait_until_deleted", .method = "", .path = "", .flags = DT_READS, .doc = "Waits until it is gone."},
  {.name = NULL}};
/* clang-format on */

static const dt_operation *const planes[] = {
    dt_operations_api, dt_operations_toolbox, dt_operations_live, local_rows};
enum { PLANES = sizeof planes / sizeof planes[0] };

const dt_operation *dt_operations_find(const char *name) {
  for (int i = 0; i < PLANES; i++)
    for (const dt_operation *op = planes[i]; op->name; op++)
      if (op->name[0] == name[0] && strcmp(op->name, name) == 0)
        return op;
  return NULL;
}

const dt_field *dt_operations_field(const dt_field *fields, const char *name) {
  for (const dt_field *f = fields; f && f->name; f++)
    if (strcmp(f->name, name) == 0)
      return f;
  return NULL;
}

int dt_operations_count(const dt_field *fields) {
  int n = 0;
  while (fields && fields[n].name)
    n++;
  return n;
}

const char *dt_operations_wire_name(const dt_field *field) {
  return field->wire ? field->wire : field->name;
}

const dt_field *dt_operations_wire(const dt_field *fields, const char *wire) {
  for (const dt_field *f = fields; f && f->name; f++)
    if (strcmp(dt_operations_wire_name(f), wire) == 0)
      return f;
  return NULL;
}

const char *dt_operations_type_name(const dt_field *field) {
  static const char *const names[] = {"string", "integer", "number", "boolean",
                                      "object", "sandbox", "any"};
  return names[field->type];
}

const dt_field *dt_operations_options(const dt_operation *op) {
  return op->flags & DT_ALONE ? NULL : dt_operations_common;
}

/* Edits (insert, delete, replace, swap neighbours) from 'a' to 'b'; both are
** cut at 31 bytes, enough to tell option names apart. */
static int distance(const char *a, const char *b) {
  enum { MAX = 32 };
  int rows[MAX][MAX];
  int n = (int)strnlen(a, MAX - 1), m = (int)strnlen(b, MAX - 1);
  for (int i = 0; i <= n; i++) {
    for (int j = 0; j <= m; j++) {
      if (i == 0 || j == 0) {
        rows[i][j] = i + j;
        continue;
      }
      int same = a[i - 1] == b[j - 1];
      int best = rows[i - 1][j - 1] + !same;
      if (rows[i - 1][j] + 1 < best)
        best = rows[i - 1][j] + 1;
      if (rows[i][j - 1] + 1 < best)
        best = rows[i][j - 1] + 1;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
          rows[i - 2][j - 2] + 1 < best)
        best = rows[i - 2][j - 2] + 1;
      rows[i][j] = best;
    }
  }
  return rows[n][m];
}

/* "auto_stop_interval" for "autoStopInterval": the docs of other SDKs. */
static int same_in_camel_case(const char *snake, const char *camel) {
  for (; *snake; snake++, camel++) {
    char expected = *snake;
    if (expected == '_') {
      expected = *++snake;
      if (expected >= 'a' && expected <= 'z')
        expected = (char)(expected - 'a' + 'A');
    }
    if (expected != *camel)
      return 0;
  }
  return *camel == '\0';
}

const char *dt_operations_nearest(const dt_operation *op, const char *name) {
  const dt_field *const lists[] = {op->params, dt_operations_options(op)};
  const char *nearest = NULL;
  int best = (int)strnlen(name, 64) / 3 + 1;
  for (int i = 0; i < 2; i++) {
    for (const dt_field *f = lists[i]; f && f->name; f++) {
      int d = same_in_camel_case(f->name, name) ? 0 : distance(name, f->name);
      if (d <= best && (d < best || !nearest)) {
        best = d;
        nearest = f->name;
      }
    }
  }
  return nearest;
}

int dt_operations_sandbox_field(lua_State *L) {
  const char *name = luaL_checkstring(L, 1), *nearest = NULL;
  int best = (int)luaL_optinteger(L, 2, 0) + 1;
  for (const dt_field *f = dt_shape_sandbox.fields; f->name; f++) {
    int d = strcmp(name, f->name) == 0 ? 0 : best;
    if (d > 0 && best > 1)
      d = distance(name, f->name);
    if (d < best) {
      best = d;
      nearest = f->name;
    }
  }
  lua_pushstring(L, nearest); /* nil if there is none */
  return 1;
}

int dt_operations_nearest_key(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  int best = (int)luaL_checkinteger(L, 3) + 1;
  lua_settop(L, 2);
  lua_pushnil(L); /* the nearest */
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
    if (lua_type(L, 4) != LUA_TSTRING)
      continue;
    int d = distance(name, lua_tostring(L, 4));
    if (d < best) {
      best = d;
      lua_pushvalue(L, 4);
      lua_replace(L, 3);
    }
  }
  return 1;
}

static void set_string(lua_State *L, const char *key, const char *value) {
  if (!value)
    return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, key);
}

static void push_fields(lua_State *L, const dt_field *fields);

static void push_field(lua_State *L, const dt_field *f) {
  static const char *const many[] = {NULL, "list", "map"};
  static const char *const places[] = {
      "body", "path", "query", "form", "source", "sink", "call", "subprotocol"};
  luaL_checkstack(L, 8, NULL);
  lua_newtable(L);
  set_string(L, "name", f->name);
  set_string(L, "wire", dt_operations_wire_name(f));
  set_string(L, "type", dt_operations_type_name(f));
  set_string(L, "many", many[f->many]);
  set_string(L, "place", places[f->place]);
  set_string(L, "doc", f->doc);
  lua_pushboolean(L, (f->flags & DT_REQUIRED) != 0);
  lua_setfield(L, -2, "required");
  if (f->flags & DT_BOUNDED) {
    lua_pushnumber(L, f->min);
    lua_setfield(L, -2, "min");
    lua_pushnumber(L, f->max);
    lua_setfield(L, -2, "max");
  }
  if (f->shape) {
    set_string(L, "shape", f->shape->name);
    push_fields(L, f->shape->fields);
    lua_setfield(L, -2, "fields");
  }
}

static void push_fields(lua_State *L, const dt_field *fields) {
  int n = 0;
  lua_newtable(L);
  for (const dt_field *f = fields; f && f->name; f++) {
    push_field(L, f);
    lua_rawseti(L, -2, ++n);
  }
}

int dt_operations_push(lua_State *L) {
  static const char *const bodies[] = {"json",     "upload", "uploads",  "raw",
                                       "download", "parts",  "websocket"};
  static const char *const plane_names[] = {"api", "toolbox", "elsewhere"};
  int n = 0, local = lua_toboolean(L, 1);
  lua_newtable(L);
  for (int i = 0; i < PLANES; i++) {
    for (const dt_operation *op = planes[i]; op->name; op++) {
      if (op->path[0] == '\0' && !local)
        continue;
      lua_newtable(L);
      set_string(L, "name", op->name);
      set_string(L, "method", op->method);
      set_string(L, "path", op->path);
      set_string(L, "plane", plane_names[op->plane]);
      set_string(L, "body", bodies[op->body]);
      set_string(L, "since", op->since);
      set_string(L, "doc", op->doc);
      lua_pushboolean(L, op->flags & DT_IDEMPOTENT);
      lua_setfield(L, -2, "idempotent");
      push_fields(L, op->params);
      lua_setfield(L, -2, "params");
      if (op->result.name) {
        push_field(L, &op->result);
        lua_setfield(L, -2, "result");
      }
      lua_rawseti(L, -2, ++n);
    }
  }
  return 1;
}
