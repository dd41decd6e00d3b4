#include "demultiplexer.h"

#include "../../wire/markers.h"
#include "../../wire/buffer.h"
#include "class.h"
#include "websocket.h"

typedef struct demultiplexer {
  dt_markers markers;
  dt_buffer chunk; /* pieces of one stream, until the other has its turn */
} demultiplexer;

static const dt_class demultiplexer_class;

/* core.demultiplexer([stream]): begins in the middle of a log if the stream is
 * given to which the first bytes belong. */
static int demultiplexer_new(lua_State *L) {
  static const char *const names[] = {"", "stdout", "stderr", NULL};
  int stream = luaL_checkoption(L, 1, "", names);
  demultiplexer *d = dt_class_new(L, &demultiplexer_class, sizeof *d, 0);
  d->markers.stream = stream;
  return 1;
}

static void push_name(lua_State *L, int stream) {
  lua_pushstring(L, stream == DT_MARKERS_STDERR ? "stderr" : "stdout");
}

/* Puts a chunk into the list at 3, after the 'n' values that are there. */
static int give(lua_State *L, int stream, const char *data, size_t length,
                int n) {
  push_name(L, stream);
  lua_rawseti(L, 3, n + 1);
  lua_pushlstring(L, data, length);
  lua_rawseti(L, 3, n + 2);
  return n + 2;
}

/* Puts the chunk that is complete into the list: what is in the buffer, else
 * the piece itself, which then needs no copy. */
static int give_chunk(lua_State *L, demultiplexer *d,
                      const dt_markers_piece *piece, int n) {
  if (d->chunk.failed)
    return luaL_error(L, "not enough memory");
  if (d->chunk.len > 0)
    n = give(L, piece->stream, d->chunk.data, d->chunk.len, n);
  else if (piece->length > 0)
    n = give(L, piece->stream, piece->data, piece->length, n);
  dt_buffer_clear(&d->chunk);
  return n;
}

/* Bytes before the first marker are standard output. */
static int read_piece(demultiplexer *d, const char **data, size_t *length,
                      dt_markers_piece *piece) {
  if (!dt_markers_read(&d->markers, data, length, piece))
    return 0;
  if (piece->stream == DT_MARKERS_NONE)
    piece->stream = DT_MARKERS_STDOUT;
  return 1;
}

/* demultiplexer:feed(bytes, list) -> n.  Puts what is known of the streams into
 * the list, as name, bytes, name, bytes ..., and says how many values that are.
 * Neighbours are of different streams.  Bytes before the first marker, which
 * servers send that know no markers, are standard output. */
static int demultiplexer_feed(lua_State *L) {
  demultiplexer *d = dt_class_check(L, 1, &demultiplexer_class);
  size_t length;
  const char *data = luaL_checklstring(L, 2, &length);
  luaL_checktype(L, 3, LUA_TTABLE);
  dt_markers_piece next, last = {0, NULL, 0};
  int n = 0;
  dt_buffer_clear(&d->chunk);
  while (read_piece(d, &data, &length, &next)) {
    if (last.length > 0 && next.stream == last.stream) {
      if (d->chunk.len == 0)
        dt_buffer_add(&d->chunk, last.data, last.length);
      dt_buffer_add(&d->chunk, next.data, next.length);
    }
    else
      n = give_chunk(L, d, &last, n);
    last = next;
  }
  lua_pushinteger(L, give_chunk(L, d, &last, n));
  return 1;
}

/* The arguments of dt_demultiplexer_take, the first as light userdata. */
static int take_parts(lua_State *L) {
  dt_websocket *w = lua_touserdata(L, 1);
  demultiplexer *d = dt_class_check(L, 2, &demultiplexer_class);
  size_t skip = (size_t)lua_tonumber(L, 4), bytes = 0;
  dt_inbox_part part;
  dt_markers_piece piece;
  const char *data;
  int n = 0;
  while ((data = dt_inbox_first(&w->taken, &part)) != NULL) {
    size_t passed = skip < part.length ? skip : part.length;
    size_t length = part.length - passed;
    data += passed;
    skip -= passed;
    while (read_piece(d, &data, &length, &piece))
      n = give(L, piece.stream, piece.data, piece.length, n);
    bytes += part.length;
    dt_inbox_drop(&w->taken);
  }
  lua_pushinteger(L, n);
  lua_pushnumber(L, (lua_Number)bytes);
  return 2;
}

int dt_demultiplexer_take(lua_State *L) {
  dt_websocket *w = dt_websocket_check(L, 1);
  dt_class_check(L, 2, &demultiplexer_class);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_argcheck(L, luaL_checknumber(L, 4) >= 0, 4, "must not be negative");
  lua_settop(L, 4);
  if (w->request.busy || !dt_websocket_take(w))
    return 0;
  return dt_websocket_run_busy(L, w, take_parts);
}

/* demultiplexer:flush(list) -> n.  The end: what was kept because it could have
 * been the start of a marker.  Then it is as new. */
static int demultiplexer_flush(lua_State *L) {
  demultiplexer *d = dt_class_check(L, 1, &demultiplexer_class);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  lua_pushvalue(L, 2); /* where give() looks for it */
  dt_markers_piece piece;
  int n = 0;
  if (dt_markers_end(&d->markers, &piece))
    n = give(L, piece.stream, piece.data, piece.length, n);
  lua_pushinteger(L, n);
  return 1;
}

/* demultiplexer:place() -> how many of the last bytes are kept, and the stream
 * to which they and the next ones belong; nil: no marker came yet. */
static int demultiplexer_place(lua_State *L) {
  demultiplexer *d = dt_class_check(L, 1, &demultiplexer_class);
  lua_pushinteger(L, (lua_Integer)d->markers.run);
  if (d->markers.stream == DT_MARKERS_NONE)
    return 1;
  push_name(L, d->markers.stream);
  return 2;
}

static int demultiplexer__gc(lua_State *L) {
  demultiplexer *d = dt_class_check(L, 1, &demultiplexer_class);
  dt_buffer_free(&d->chunk);
  return 0;
}

static const luaL_Reg functions[] = {{"demultiplexer", demultiplexer_new},
                                     {NULL, NULL}};

static const luaL_Reg methods[] = {{"feed", demultiplexer_feed},
                                   {"flush", demultiplexer_flush},
                                   {"place", demultiplexer_place},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", demultiplexer__gc},
                                       {NULL, NULL}};

static const dt_class demultiplexer_class = {"daytona.core.demultiplexer"};

void dt_demultiplexer_open(lua_State *L) {
  dt_class_open(L, &demultiplexer_class, methods, metamethods);
  dt_setfuncs(L, functions, 0);
}
