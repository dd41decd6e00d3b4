/* Methods of a request. */
#include "request_methods.h"

#include <stdbool.h>
#include <string.h>

#include "client.h"
#include "decode.h"
#include "decode_parts.h"
#include "failure.h"
#include "failure_answer.h"
#include "ready.h"
#include "request.h"
#include "request_info.h"
#include "../flow/attention.h"
#include "../flow/background.h"
#include "../flow/driver.h"
#include "../flow/request_life.h"

/* The request at 1, to be worked with in this process. */
static dt_request *check_request(lua_State *L) {
  dt_request *r = dt_request_check(L, 1);
  dt_client_check_process(L, r->client);
  return r;
}

/* __gc */
static int request__gc(lua_State *L) {
  dt_request_close(dt_request_box(L, 1));
  return 0;
}

/* request:close(), __close: gives up everything; a transfer under way is
 * broken off and its half-written file removed.  A finalizer that closes the
 * request while its result is being made must leave that to the collector. */
static int request_close(lua_State *L) {
  dt_request **box = dt_request_box(L, 1);
  if (*box && !(*box)->busy)
    dt_request_close(box);
  return 0;
}

/* request:cancel(): breaks the transfer off; result then says "cancelled".
 * A finished request stays as it is. */
static int request_cancel(lua_State *L) {
  if (*dt_request_box(L, 1))
    dt_request_break_off(check_request(L));
  return 0;
}

/* A step of an upload by chunks.  It does not poll for a request that must be
 * fed. */
static void step_chunks(dt_request *r, double seconds) {
  dt_driver *d = &r->client->driver;
  int idle;
  dt_driver_perform(d, &idle);
  if (!r->transfer.done && dt_attention_resume(&r->transfer))
    dt_driver_perform(d, &idle);
  if (!idle && !dt_source_needs_input(&r->source))
    dt_driver_poll(d, seconds);
}

/* A step of a download by chunks: a paused one has nothing to poll for. */
static void step_reader(dt_request *r, double seconds) {
  int idle;
  dt_driver_perform(&r->client->driver, &idle);
  if (!idle && !dt_attention_is_full(r))
    dt_driver_poll(&r->client->driver, seconds);
}

/* A step of any other: what the poll has found is moved at once, so that most
 * calls are done after one step. */
static void step_plain(dt_request *r, double seconds) {
  int idle;
  dt_driver_step(&r->client->driver, seconds);
  if (!r->transfer.done)
    dt_driver_perform(&r->client->driver, &idle);
}

static bool needs_lua(dt_request *r) {
  if (!r->transfer.may_need_lua || dt_driver_is_done(&r->transfer))
    return 0;
  dt_request_enter(r);
  int needs = !r->transfer.done && dt_attention_needs_lua(&r->transfer);
  dt_request_leave(r);
  return needs;
}

/* request:step(seconds) -> done: moves what can be moved and polls once, at
 * most that long; comes back at once when the request needs Lua.  In
 * background mode only the thread may turn the driver: this waits for it. */
static int request_step(lua_State *L) {
  if (!*dt_request_box(L, 1)) {
    lua_pushboolean(L, 1);
    return 1;
  }
  dt_request *r = check_request(L);
  double seconds = (double)luaL_checknumber(L, 2);
  dt_background *b = r->client->driver.background;
  if (b) {
    if (!needs_lua(r))
      dt_background_wait(b, &r->transfer, seconds);
  }
  else if (!r->transfer.done) {
    if (r->source.kind == DT_SOURCE_CHUNKS)
      step_chunks(r, seconds);
    else if (r->sink.kind == DT_SINK_CHUNKS)
      step_reader(r, seconds);
    else
      step_plain(r, seconds);
  }
  lua_pushboolean(L, dt_driver_is_done(&r->transfer));
  return 1;
}

/* request:done() */
static int request_done(lua_State *L) {
  lua_pushboolean(L, !*dt_request_box(L, 1) ||
                         dt_driver_is_done(&check_request(L)->transfer));
  return 1;
}

/* request:number() -> what client:announced calls it; 0: was never under way */
static int request_number(lua_State *L) {
  dt_pushinteger(L, (long long)check_request(L)->transfer.number);
  return 1;
}

/* request:client() -> the core's client */
static int request_client(lua_State *L) {
  check_request(L);
  dt_getuservalue(L, 1, DT_REQUEST_CLIENT);
  return 1;
}

/* request:watch(tag [, coroutine]), see ready.h */
static int request_watch(lua_State *L) {
  dt_request *r = dt_request_check(L, 1);
  return dt_ready_watch(L, r->client, &r->transfer, 0, DT_REQUEST_CLIENT);
}

/* request:starved() -> whether it waits for feed */
static int request_starved(lua_State *L) {
  dt_request *r = check_request(L);
  dt_request_enter(r);
  int starved = !r->transfer.done && dt_source_needs_input(&r->source);
  dt_request_leave(r);
  lua_pushboolean(L, starved);
  return 1;
}

/* request:hungry() -> whether it needs Lua: to be fed, to give a
 * chunk, or because it is observed and bytes have moved */
static int request_hungry(lua_State *L) {
  lua_pushboolean(L, needs_lua(check_request(L)));
  return 1;
}

/* request:take([all]) -> the next chunk of a download by chunks, nil if it has
 * not come yet; the last one comes with the result.  With 'all' everything that
 * has come, if that is a chunk at least. */
static int request_take(lua_State *L) {
  dt_request *r = check_request(L);
  dt_request_enter(r);
  int full = dt_attention_is_full(r);
  dt_request_leave(r);
  if (!full)
    return 0;
  /* A full sink gets no bytes: nobody else touches its memory. */
  size_t n = lua_toboolean(L, 2) ? dt_sink_held(&r->sink) : r->sink.chunk;
  lua_pushlstring(L, dt_sink_first(&r->sink), n);
  dt_request_enter(r);
  dt_sink_drop(&r->sink, n);
  if (!r->transfer.done) {
    if (r->sink.paused && !dt_attention_is_full(r)) {
      r->sink.paused = 0;
      curl_easy_pause(r->transfer.easy, CURLPAUSE_CONT);
    }
    dt_request_served(r);
  }
  dt_request_leave(r);
  return 1;
}

/* request:observe(): makes it hungry whenever bytes have moved */
static int request_observe(lua_State *L) {
  dt_request *r = check_request(L);
  dt_request_enter(r);
  r->observed = r->transfer.may_need_lua = 1;
  dt_request_leave(r);
  return 0;
}

/* Bytes that the file of a request has; -1: not known. */
static curl_off_t file_size(dt_request *r) {
  curl_off_t total = -1;
  if (r->source.kind != DT_SOURCE_NONE || r->sources)
    return r->source.size;
  long status = r->parts ? 0 : dt_request_status(r);
  if (status >= 200 && status < 300)
    curl_easy_getinfo(r->transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
                      &total);
  return total;
}

/* request:moved() -> bytes of the file that have moved, how many it has (nil:
 * not known) */
static int request_moved(lua_State *L) {
  dt_request *r = check_request(L);
  dt_request_enter(r);
  curl_off_t bytes = dt_attention_moved(r), total = file_size(r);
  r->moved_reported = bytes;
  dt_request_served(r);
  dt_request_leave(r);
  dt_pushinteger(L, (long long)bytes);
  if (total < 0)
    lua_pushnil(L);
  else
    dt_pushinteger(L, (long long)total);
  return 2;
}

/* request:feed(bytes): the next bytes of an upload by chunks; nil ends it. */
static int request_feed(lua_State *L) {
  dt_request *r = check_request(L);
  size_t n = 0;
  int added = 1;
  const char *bytes = luaL_optlstring(L, 2, NULL, &n);
  int done = dt_driver_is_done(&r->transfer);
  luaL_argcheck(L, r->source.kind == DT_SOURCE_CHUNKS || done, 1,
                "not an upload by chunks");
  if (done)
    return 0;
  dt_request_enter(r);
  if (!r->transfer.done && !r->source.ended) {
    added = !bytes || dt_buffer_add(&r->source.chunk, bytes, n);
    r->source.ended = !bytes;
    dt_request_served(r);
  }
  dt_request_leave(r);
  return added ? 0 : luaL_error(L, "not enough memory");
}

/* request:progress() -> bytes sent of the source, bytes received */
static int request_progress(lua_State *L) {
  dt_request *r = check_request(L);
  dt_request_enter(r);
  curl_off_t sent = r->source.done, received = r->sink.done;
  dt_request_leave(r);
  dt_pushinteger(L, (long long)sent);
  dt_pushinteger(L, (long long)received);
  return 2;
}

/* Whether a part of an empty file was asked for.  Servers then send the whole
 * file, which is nothing, or answer 416. */
static bool is_of_empty_file(const dt_request *r, long status) {
  if (r->operation->body != DT_DOWNLOAD || !r->range[0] ||
      r->transfer.code != CURLE_OK)
    return false;
  return (status == 200 && r->sink.done == 0) ||
         (status == 416 && r->file_size == 0);
}

/* Why the file received is not what was asked for, or NULL. */
static const char *wrong_bytes(const dt_request *r, long status) {
  if (r->operation->body != DT_DOWNLOAD)
    return NULL;
  if (r->range[0] && !is_of_empty_file(r, status) &&
      (status != 206 || r->begins != r->offset))
    return "the server sent other bytes of the file than were asked for";
  if (r->sink.checksum && !dt_checksum_holds(r->sink.checksum))
    return "the checksum of the file is not the expected one";
  return NULL;
}

/* What request:result gives. */
static int take_result(lua_State *L, dt_request *r) {
  long status = dt_request_status(r);
  const char *type = dt_failure_type(r);
  int error;
  if (r->is_page && !r->cancelled) {
    lua_pushlstring(L, r->error_body.data, r->error_body.len);
    dt_failure_not_json(L, r, status, NULL);
    return 2;
  }
  if (r->parts && dt_decode_parts_are_usable(r, status))
    return dt_decode_parts(L, r, status);
  bool is_result =
      status >= 200 && (status < 300 || (r->operation->flags & DT_EXCHANGE));
  if ((r->transfer.code != CURLE_OK || !is_result) &&
      !is_of_empty_file(r, status)) {
    dt_failure_push(L, r, status);
    return 2 + dt_failure_push_hint(L, r);
  }
  const char *wrong = wrong_bytes(r, status);
  if (wrong) {
    lua_pushstring(L, wrong);
    dt_failure_protocol(L, r, status);
    return 2;
  }
  bool is_json = !type[0] || strstr(type, "json") != NULL;
  size_t length = strlen(type);
  length = length < sizeof r->type ? length : sizeof r->type - 1;
  memmove(r->type, type, length);
  r->type[length] = '\0';
  dt_request_release(r);
  if (r->sink.kind == DT_SINK_FILE && (error = dt_sink_commit(&r->sink)) != 0) {
    dt_failure_file(L, r, r->sink.path, "write", error);
    return 2;
  }
  return dt_decode_result(L, r, status, is_json);
}

/* request:result() -> value, or nil, an error object and perhaps a hint for the
 * Lua layer (dt_failure_push_hint).  Once only: the request is closed by it. */
static int request_result(lua_State *L) {
  dt_request *r = check_request(L);
  luaL_argcheck(L, dt_driver_is_done(&r->transfer), 1,
                "request is not finished");
  luaL_argcheck(L, !r->busy, 1, "result was taken already");
  r->busy = 1;
  lua_settop(L, 1);
  if (r->client && r->date[0])
    dt_client_note_date(r->client, r->date);
  int pushed = take_result(L, r);
  dt_request_close(dt_request_box(L, 1));
  return pushed;
}

static int request__tostring(lua_State *L) {
  dt_request *r = *dt_request_box(L, 1);
  if (!r) {
    lua_pushfstring(L, "%s (closed)", dt_request_class.name);
    return 1;
  }
  lua_pushfstring(L, "%s %s (%s)", dt_request_class.name,
                  r->operation ? r->operation->name : "?",
                  r->cancelled                      ? "cancelled"
                  : dt_driver_is_done(&r->transfer) ? "done"
                                                    : "under way");
  return 1;
}

static const luaL_Reg methods[] = {{"step", request_step},
                                   {"done", request_done},
                                   {"result", request_result},
                                   {"hungry", request_hungry},
                                   {"starved", request_starved},
                                   {"take", request_take},
                                   {"observe", request_observe},
                                   {"moved", request_moved},
                                   {"feed", request_feed},
                                   {"watch", request_watch},
                                   {"progress", request_progress},
                                   {"info", dt_request_info},
                                   {"head", dt_request_head},
                                   {"rate_limit", dt_request_rate_limit},
                                   {"number", request_number},
                                   {"client", request_client},
                                   {"cancel", request_cancel},
                                   {"close", request_close},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", request__gc},
                                       {"__close", request_close},
                                       {"__tostring", request__tostring},
                                       {NULL, NULL}};

void dt_request_open(lua_State *L) {
  dt_class_open(L, &dt_request_class, methods, metamethods);
}
