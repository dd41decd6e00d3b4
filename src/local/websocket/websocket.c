#include "clock.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_MESSAGE ((size_t)64 << 10)
#define DEFAULT_QUEUE ((size_t)1 << 20)
/* How long a peer that takes nothing any more is waited for at the end, and
 * one that has all but does not close. */
#define FLUSH_MS 5000
#define GOODBYE_MS 1000

static void free_inputs(dl_websocket_input *inputs) {
  while (inputs) {
    dl_websocket_input *next = inputs->next;
    free(inputs);
    inputs = next;
  }
}

/* Keeps a message that is complete for dl_websocket_wait. */
static int keep(dl_websocket *ws, dl_websocket_kind kind, const char *data,
                size_t len) {
  dl_websocket_input *input = malloc(sizeof *input + len + 1);
  if (!input)
    return 0;
  input->next = NULL;
  input->kind = kind;
  input->len = len;
  memcpy(input->data, data, len);
  input->data[len] = '\0';
  *ws->last_input = input;
  ws->last_input = &input->next;
  return 1;
}

static int on_message(void *arg, dt_frames_kind kind, const char *data,
                      size_t n, int final) {
  dl_websocket *ws = arg;
  if (ws->config.ignore_input || ws->leaving)
    return 1;
  if (kind == DT_FRAMES_TEXT)
    return keep(ws, DL_WEBSOCKET_TEXT, data, n);
  if (final && ws->partial.len == 0)
    return keep(ws, DL_WEBSOCKET_BINARY, data, n);
  if (dl_strbuf_add(&ws->partial, data, n))
    return 0;
  if (!final)
    return 1;
  int ok = keep(ws, DL_WEBSOCKET_BINARY, ws->partial.data, ws->partial.len);
  dl_strbuf_free(&ws->partial);
  return ok;
}

static void destroy(dl_websocket *ws) {
  dt_frames_free(ws->frames);
  dl_strbuf_free(&ws->partial);
  free_inputs(ws->inputs);
  free(ws->current);
  if (ws->wake_fd >= 0)
    close(ws->wake_fd);
  pthread_cond_destroy(&ws->room);
  pthread_mutex_destroy(&ws->lock);
  free(ws);
}

/* A socket that is not connected yet, with one reference. NULL without memory
 * or descriptors; config->release has not been called then. */
dl_websocket *dl_websocket_new(dl_http_server *server,
                               const dl_websocket_config *config) {
  dl_websocket *ws = calloc(1, sizeof *ws);
  dt_frames_config frames = {.is_server = 1, .events = {on_message, NULL}};
  if (!ws)
    return NULL;
  ws->server = server;
  ws->config = *config;
  if (!ws->config.max_message)
    ws->config.max_message = DEFAULT_MESSAGE;
  if (!ws->config.max_queue)
    ws->config.max_queue = DEFAULT_QUEUE;
  ws->refs = 1;
  ws->fd = -1;
  ws->last_input = &ws->inputs;
  pthread_mutex_init(&ws->lock, NULL);
  dl_clock_cond_init(&ws->room);
  frames.max_text = frames.max_binary = ws->config.max_message;
  frames.arg = ws;
  ws->frames = dt_frames_new(&frames);
  ws->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (ws->frames && ws->wake_fd >= 0)
    return ws;
  destroy(ws);
  return NULL;
}

/* One more reference. */
dl_websocket *dl_websocket_ref(dl_websocket *ws) {
  pthread_mutex_lock(&ws->lock);
  ws->refs++;
  pthread_mutex_unlock(&ws->lock);
  return ws;
}

void dl_websocket_unref(dl_websocket *ws) {
  if (!ws)
    return;
  pthread_mutex_lock(&ws->lock);
  bool last = --ws->refs == 0;
  pthread_mutex_unlock(&ws->lock);
  if (last)
    destroy(ws);
}

static bool take_input(dl_websocket *ws, dl_websocket_message *message) {
  dl_websocket_input *input = ws->inputs;
  if (!input)
    return false;
  ws->inputs = input->next;
  if (!ws->inputs)
    ws->last_input = &ws->inputs;
  ws->current = input;
  message->data = input->data;
  message->len = input->len;
  message->kind = input->kind;
  return true;
}

/* Waits until a message has come (into *message; NULL: messages stay where
 * they are, and the peer is made to wait), one of the `n_extra` descriptors
 * (at most 6) is ready, the time is over (< 0: none is set) or the connection
 * is. Messages that came before the end are given first. */
dl_websocket_event dl_websocket_wait(dl_websocket *ws, struct pollfd *extra,
                                     nfds_t n_extra, int timeout_ms,
                                     dl_websocket_message *message) {
  int64_t deadline = dl_clock_deadline(timeout_ms);
  struct pollfd fds[8] = {{-1, 0, 0}};
  if (message) {
    free(ws->current);
    ws->current = NULL;
  }
  for (;;) {
    int wait = dl_clock_left(deadline);
    pthread_mutex_lock(&ws->lock);
    dl_websocket_flush(ws);
    bool has = message && !ws->leaving && take_input(ws, message);
    bool over = !dl_websocket_is_open(ws);
    pthread_mutex_unlock(&ws->lock);
    if (has)
      return DL_WEBSOCKET_MESSAGE;
    if (over)
      return DL_WEBSOCKET_OVER;
    for (nfds_t i = 0; i < n_extra; i++)
      fds[2 + i] = extra[i];
    bool ready = dl_websocket_turn(ws, fds, 2 + n_extra,
                                   message || ws->config.ignore_input, wait);
    for (nfds_t i = 0; i < n_extra; i++)
      extra[i].revents = ready ? fds[2 + i].revents : 0;
    if (ready)
      return DL_WEBSOCKET_READY;
    if (wait == 0)
      return DL_WEBSOCKET_TIMEOUT;
  }
}

void dl_websocket_ignore_input(dl_websocket *ws) {
  pthread_mutex_lock(&ws->lock);
  ws->config.ignore_input = true;
  pthread_mutex_unlock(&ws->lock);
}

/* Sends what is left. Then waits for the peer's goodbye, which a peer that was
 * dropped, or that broke the protocol, gives by closing: what it still sends
 * would otherwise destroy what is on its way to it. */
static void finish(dl_websocket *ws) {
  int64_t deadline = dl_clock_deadline(FLUSH_MS);
  bool flushed = false, over = false;
  uint64_t seen = 0;
  while (!over && dl_clock_left(deadline) != 0) {
    pthread_mutex_lock(&ws->lock);
    dl_websocket_flush(ws);
    if (!flushed && dl_websocket_queued(ws) == 0) {
      flushed = true;
      deadline = dl_clock_deadline(GOODBYE_MS);
      if (ws->dropped || dt_frames_state_of(ws->frames) == DT_FRAMES_FAILED)
        shutdown(ws->fd, SHUT_WR);
    }
    else if (!flushed && ws->sent != seen)
      deadline = dl_clock_deadline(FLUSH_MS);
    seen = ws->sent;
    over = ws->broken ||
           (flushed && dt_frames_state_of(ws->frames) == DT_FRAMES_CLOSED);
    pthread_mutex_unlock(&ws->lock);
    struct pollfd fds[2];
    if (!over)
      dl_websocket_turn(ws, fds, 2, true, dl_clock_left(deadline));
  }
}

void dl_websocket_abandon(dl_websocket *ws) {
  if (ws->config.release)
    ws->config.release(ws->config.arg);
  dl_websocket_unref(ws);
}

void dl_websocket_run(dl_websocket *ws, const char *early, size_t n) {
  pthread_mutex_lock(&ws->lock);
  ws->thread = pthread_self();
  dl_websocket_feed(ws, early, n);
  pthread_mutex_unlock(&ws->lock);
  ws->config.serve(ws, ws->config.arg);
  dl_websocket_close(ws, DT_CLOSE_NORMAL, "");
  finish(ws);
  pthread_mutex_lock(&ws->lock);
  shutdown(ws->fd, SHUT_RDWR);
  ws->fd = -1;
  dl_websocket_give_up(ws);
  pthread_mutex_unlock(&ws->lock);
}
