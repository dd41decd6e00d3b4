#include "decode_parts.h"

#include <stdbool.h>

#include "failure.h"
#include "json.h"

bool dt_decode_parts_are_usable(const dt_request *r, long status) {
  if (status != 200)
    return false;
  if (r->transfer.code == CURLE_OK)
    return true;
  return !r->cancelled && r->transfer.code != CURLE_OPERATION_TIMEDOUT &&
         r->parts->finished > 0;
}

/* The status in the server's reason for a file that it did not send, 0 if it
 * has none; '*is_json': it is not just text. */
static long reason_status(lua_State *L, const dt_buffer *reason,
                          bool *is_json) {
  static const char *const names[] = {"statusCode", "status_code"};
  long long status = 0;
  lua_pushlstring(L, reason->data ? reason->data : "", reason->len);
  *is_json = dt_json_decode(L);
  for (int i = 0; i < 2 && *is_json && lua_istable(L, -1) && !status; i++) {
    lua_getfield(L, -1, names[i]);
    if (!dt_tointeger(L, -1, &status) || status < 400 || status > 599)
      status = 0;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return (long)status;
}

/* Pushes nil and the error that the server gave for a file. */
static void push_reason(lua_State *L, dt_request *r, dt_part *part) {
  enum { NOT_SAID = 500 };
  bool is_json;
  long status = reason_status(L, &part->sink.memory, &is_json);
  dt_buffer_free(&r->error_body);
  r->error_body = part->sink.memory;
  part->sink.memory = (dt_buffer){0};
  dt_failure_push(L, r, status ? status : NOT_SAID);
  if (!status) {
    lua_pushnil(L);
    lua_setfield(L, -2, "status");
  }
  if (!is_json && r->error_body.len > 0) {
    lua_getfield(L, -1, "body");
    lua_setfield(L, -2, "message");
  }
}

/* Pushes nil and why the file is not there. */
static void push_failure(lua_State *L, dt_request *r, dt_part *part,
                         long status) {
  int error = part->sink.error;
  if (error && part->destination)
    dt_failure_file(L, r, part->destination, "write", error);
  else if (part->is_error && part->complete)
    push_reason(L, r, part);
  else if (r->transfer.code != CURLE_OK && !part->complete)
    dt_failure_push(L, r, 0);
  else {
    lua_pushstring(L, error                 ? "not enough memory"
                      : part->sink.overflow ? "the answer is larger than "
                                              "max_response"
                      : part->problem       ? part->problem
                                            : "no data received for this "
                                              "file");
    dt_failure_protocol(L, r, status);
  }
}

/* Pushes the result for one file. */
static void push_part(lua_State *L, dt_request *r, dt_part *part, long status) {
  dt_sink *sink = &part->sink;
  lua_newtable(L);
  lua_pushlstring(L, part->source, part->length);
  lua_setfield(L, -2, "source");
  int good = part->complete && !part->is_error && !sink->overflow;
  if (good && !sink->error)
    sink->error = dt_sink_commit(sink);
  if (!good || sink->error) {
    push_failure(L, r, part, status);
    lua_setfield(L, -3, "error");
    lua_pop(L, 1);
    return;
  }
  dt_pushinteger(L, (long long)sink->done);
  lua_setfield(L, -2, "bytes");
  if (part->destination) {
    lua_pushstring(L, part->destination);
    lua_setfield(L, -2, "path");
  }
  else {
    lua_pushlstring(L, sink->memory.data ? sink->memory.data : "",
                    sink->memory.len);
    lua_setfield(L, -2, "content");
    dt_buffer_free(&sink->memory);
  }
}

int dt_decode_parts(lua_State *L, dt_request *r, long status) {
  dt_parts *parts = r->parts;
  dt_parts_finish(parts);
  luaL_checkstack(L, 20, NULL);
  if (!parts->is_multipart && parts->count > 0) {
    lua_pushliteral(L, "the answer is no multipart form");
    dt_failure_protocol(L, r, status);
    return 2;
  }
  lua_createtable(L, (int)parts->count, 0);
  for (size_t i = 0; i < parts->count; i++) {
    push_part(L, r, &parts->list[i], status);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}
