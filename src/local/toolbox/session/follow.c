#include "api.h"
#include "as.h"
#include "clock.h"
#include "fd.h"
#include "render.h"
#include "sdk_class.h"
#include "websocket/websocket.h"
#include "wire/frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A log over a WebSocket: the file is read as it grows, and the slowest reader
 * holds up nobody but itself. */

#define FRAME_SIZE ((size_t)32 << 10)
#define MAX_QUEUE ((size_t)128 << 10)
#define MARKER 3

#define PIECE ((uint64_t)1024)
#define LOOK_MS 20
#define EMPTY_LOOKS 50

typedef struct follower {
  dl_command *command;
  dl_command_watch watch;
  int fd;
  uint64_t at;
  uint64_t end;     /* where to stop; UINT64_MAX: when the command is done */
  bool is_merged;   /* markers are taken out */
  dt_markers marks; /* where a reader of a merged log is */
  bool was_lost;    /* see dl_as */
  char frame[FRAME_SIZE];
  char merged[FRAME_SIZE + MARKER];
} follower;

static void release(void *arg) {
  follower *f = arg;
  dl_command_watch_stop(f->command, &f->watch);
  dl_fd_close(&f->fd);
  dl_sessions_release(f->command->session);
  free(f);
}

/* Clients in use mistake a marker for output if a message ends right behind
 * it, so it goes into the next message. */
static size_t without_last_markers(const char *data, size_t n) {
  while (n >= MARKER && (data[n - 1] == 1 || data[n - 1] == 2) &&
         data[n - 2] == data[n - 1] && data[n - 3] == data[n - 1])
    n -= MARKER;
  return n;
}

/* Takes the markers out of a frame, which is then in `merged`. */
static size_t merge(follower *f, const char *data, size_t n) {
  dt_markers_piece piece;
  size_t len = 0;
  while (dt_markers_read(&f->marks, &data, &n, &piece)) {
    memcpy(f->merged + len, piece.data, piece.length);
    len += piece.length;
  }
  return len;
}

/* 0, or -1 if the connection is over. */
static int send_bytes(dl_websocket *ws, const char *data, size_t n) {
  return n == 0 ? 0
                : dl_websocket_send(ws, DL_WEBSOCKET_BINARY, data, n,
                                    DL_WEBSOCKET_FOREVER);
}

static void close_broken(dl_websocket *ws, int error) {
  char text[128], reason[160];
  snprintf(reason, sizeof reason, "the log is not complete: %s",
           dl_envelope_errno(error, text, sizeof text));
  dl_websocket_close(ws, DT_CLOSE_SERVER, reason);
}

/* Sends the next frame of a log that goes to `size`, which is its end if
 * `is_end`. 0; 1 if there is nothing to send before there is more of it; -1 if
 * the connection is over. */
static int send_frame(follower *f, dl_websocket *ws, uint64_t size,
                      bool is_end) {
  uint64_t left = size - f->at;
  ssize_t n =
      pread(f->fd, f->frame, left < FRAME_SIZE ? (size_t)left : FRAME_SIZE,
            (off_t)f->at);
  size_t len = n > 0 ? (size_t)n : 0;
  if (n <= 0) {
    close_broken(ws, n < 0 ? errno : EIO);
    return -1;
  }
  if (!is_end || len < left)
    len = without_last_markers(f->frame, len);
  if (len == 0)
    return 1;
  f->at += len;
  if (f->is_merged)
    return send_bytes(ws, f->merged, merge(f, f->frame, len));
  return send_bytes(ws, f->frame, len);
}

static void send_end(follower *f, dl_websocket *ws, int error) {
  dt_markers_piece piece;
  if (f->is_merged && dt_markers_end(&f->marks, &piece))
    send_bytes(ws, piece.data, piece.length);
  if (error)
    close_broken(ws, error);
}

static void serve(dl_websocket *ws, void *arg) {
  follower *f = arg;
  for (;;) {
    struct pollfd more = {f->watch.fd, POLLIN, 0};
    bool done;
    int error, rc = 1;
    uint64_t size = dl_command_progress(f->command, &f->watch, &done, &error);
    if (size >= f->end) {
      size = f->end;
      done = true;
    }
    if (f->at < size)
      rc = send_frame(f, ws, size, done);
    else if (done) {
      send_end(f, ws, error);
      return;
    }
    if (rc < 0)
      return;
    if (rc > 0 && dl_websocket_wait(ws, &more, 1, DL_WEBSOCKET_FOREVER, NULL) ==
                      DL_WEBSOCKET_OVER)
      return;
  }
}

/* Sends up to 1 KiB of what is there, wherever that ends. How much; -1 if the
 * connection is over. */
static ssize_t send_piece(follower *f, dl_websocket *ws) {
  uint64_t left = f->end - f->at;
  ssize_t n =
      pread(f->fd, f->frame, left < PIECE ? (size_t)left : PIECE, (off_t)f->at);
  int rc;
  if (n <= 0)
    return n;
  f->at += (uint64_t)n;
  if (f->is_merged)
    rc = send_bytes(ws, f->merged, merge(f, f->frame, (size_t)n));
  else
    rc = send_bytes(ws, f->frame, (size_t)n);
  return rc ? -1 : n;
}

/* The same as the original does it: the file is looked at, the end is a time
 * without anything in it, and who wakes whom at the end is a race that may be
 * lost. */
static void serve_by_looks(dl_websocket *ws, void *arg) {
  static unsigned count;
  follower *f = arg;
  int empty = 0, error;
  bool done = false;
  if (f->end != UINT64_MAX) {
    while (!f->was_lost && f->at < f->end && send_piece(f, ws) > 0)
      continue;
    return;
  }
  while (empty < EMPTY_LOOKS && !dl_session_is_deleted(f->command->session)) {
    ssize_t n = send_piece(f, ws);
    if (n < 0 || (n == 0 && dl_websocket_wait(ws, NULL, 0, LOOK_MS, NULL) ==
                                DL_WEBSOCKET_OVER))
      return;
    dl_command_progress(f->command, NULL, &done, &error);
    empty = n == 0 && done ? empty + 1 : 0;
  }
  if (empty == EMPTY_LOOKS && f->at == 0 &&
      dl_as_hits(dl_as_now()->stuck_one_in, &count))
    dl_websocket_stand_still(ws);
}

static void follow(dl_http_request *req, dl_command *command,
                   dl_sdk_class class) {
  const char *wanted = dl_http_query(req, "follow");
  dl_websocket_config config = {
      .serve = dl_as_now()->follows_by_looks ? serve_by_looks : serve,
      .release = release,
      .max_queue = MAX_QUEUE,
      .ignore_input = true};
  static unsigned lost;
  follower *f = calloc(1, sizeof *f);
  if (f) {
    f->command = command;
    f->is_merged = class == DL_SDK_COMBINED;
    f->watch.fd = -1;
    f->fd = dl_command_open_log(command);
  }
  bool done;
  int error;
  if (f && f->fd >= 0 && dl_command_watch_start(command, &f->watch) == 0) {
    f->end = wanted && strcmp(wanted, "true") == 0
                 ? UINT64_MAX
                 : dl_command_progress(command, NULL, &done, &error);
    f->was_lost =
        f->end != UINT64_MAX && dl_as_hits(dl_as_now()->lost_one_in, &lost);
    /* The request's hold on the session goes over to the connection. */
    dl_http_take_state(req);
    config.arg = f;
    dl_websocket_accept(req, &config);
    return;
  }
  error = f ? errno : ENOMEM;
  if (f)
    dl_fd_close(&f->fd);
  free(f);
  char text[128];
  dl_http_reply_error(req, error == ENOENT ? 404 : 500, NULL,
                      "%s: log file: %s",
                      error == ENOENT ? "not found" : "internal server error",
                      dl_envelope_errno(error, text, sizeof text));
}

/* GET /process/session/{sessionId}/command/{commandId}/logs and GET
 * /process/session/entrypoint/logs: what there is, or over a WebSocket also
 * what comes. */
void dl_session_logs_get(dl_http_request *req) {
  dl_sdk_class class = dl_sdk_class_of(req);
  dl_command *command = dl_session_command_of(req);
  if (!command)
    return;
  if (class == DL_SDK_COMBINED && dl_session_is_entrypoint(req))
    class = DL_SDK_SPLIT;
  if (dl_websocket_wanted(req))
    follow(req, command, class);
  else
    dl_session_render_logs(req, command, class);
}
