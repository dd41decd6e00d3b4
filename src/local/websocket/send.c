#include "clock.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Tells the own thread that there is something to be sent. */
static void wake(dl_websocket *ws) {
  const uint64_t one = 1;
  /* The counter cannot be full: each wait empties it. */
  if (!pthread_equal(ws->thread, pthread_self()) &&
      write(ws->wake_fd, &one, sizeof one) < 0)
    return;
}

/* Waits until something was sent, the connection ended or the time is over. */
static void wait_for_room(dl_websocket *ws, int64_t deadline) {
  if (pthread_equal(ws->thread, pthread_self())) {
    bool reads = ws->config.ignore_input;
    pthread_mutex_unlock(&ws->lock);
    struct pollfd fds[2];
    dl_websocket_turn(ws, fds, 2, reads, dl_clock_left(deadline));
    pthread_mutex_lock(&ws->lock);
    return;
  }
  if (deadline < 0) {
    pthread_cond_wait(&ws->room, &ws->lock);
    return;
  }
  struct timespec until = dl_clock_after(dl_clock_left(deadline));
  pthread_cond_timedwait(&ws->room, &ws->lock, &until);
}

/* Queues a message and sends what the peer takes at once. While the queue is
 * full this waits, as long as the peer takes something within `patience_ms`
 * (< 0: for ever). 0; or -1 if the connection is over, memory lacks or the
 * patience is. */
int dl_websocket_send(dl_websocket *ws, dl_websocket_kind kind,
                      const void *data, size_t len, int patience_ms) {
  int64_t deadline = dl_clock_deadline(patience_ms);
  int rc = -1;
  pthread_mutex_lock(&ws->lock);
  dl_websocket_flush(ws);
  uint64_t seen = ws->sent;
  while (dl_websocket_is_open(ws) &&
         dl_websocket_queued(ws) >= ws->config.max_queue &&
         dl_clock_left(deadline) != 0) {
    wait_for_room(ws, deadline);
    if (ws->sent != seen)
      deadline = dl_clock_deadline(patience_ms);
    seen = ws->sent;
  }
  if (dl_websocket_is_open(ws) &&
      dl_websocket_queued(ws) < ws->config.max_queue &&
      dt_frames_send(ws->frames,
                     kind == DL_WEBSOCKET_TEXT ? DT_FRAMES_TEXT
                                               : DT_FRAMES_BINARY,
                     data, len)) {
    rc = 0;
    dl_websocket_flush(ws);
    if (dl_websocket_queued(ws) > 0)
      wake(ws);
  }
  pthread_mutex_unlock(&ws->lock);
  return rc;
}

int dl_websocket_send_json(dl_websocket *ws, json_t *message, int patience_ms) {
  char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
  int rc = -1;
  json_decref(message);
  if (text)
    rc = dl_websocket_send(ws, DL_WEBSOCKET_TEXT, text, strlen(text),
                           patience_ms);
  free(text);
  return rc;
}

void dl_websocket_close(dl_websocket *ws, unsigned code, const char *reason) {
  pthread_mutex_lock(&ws->lock);
  if (dl_websocket_is_open(ws)) {
    ws->leaving = true;
    if (!dt_frames_close(ws->frames, code, reason, strlen(reason)))
      dl_websocket_give_up(ws);
    dl_websocket_flush(ws);
    wake(ws);
    pthread_cond_broadcast(&ws->room);
  }
  pthread_mutex_unlock(&ws->lock);
}

void dl_websocket_drop(dl_websocket *ws) {
  pthread_mutex_lock(&ws->lock);
  if (dl_websocket_is_open(ws)) {
    ws->leaving = ws->dropped = true;
    wake(ws);
    pthread_cond_broadcast(&ws->room);
  }
  pthread_mutex_unlock(&ws->lock);
}
