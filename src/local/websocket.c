#include "clock.h"
#include "websocket_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_MESSAGE ((size_t)64 << 10)
#define DEFAULT_QUEUE ((size_t)1 << 20)
#define READ_SIZE ((size_t)16 << 10)
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
  int ok;
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
  ok = keep(ws, DL_WEBSOCKET_BINARY, ws->partial.data, ws->partial.len);
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
  pthread_condattr_t attr;
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
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(&ws->room, &attr);
  pthread_condattr_destroy(&attr);
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

/* Gives a reference back; NULL is fine. */
void dl_websocket_unref(dl_websocket *ws) {
  bool last;
  if (!ws)
    return;
  pthread_mutex_lock(&ws->lock);
  last = --ws->refs == 0;
  pthread_mutex_unlock(&ws->lock);
  if (last)
    destroy(ws);
}

/* The functions from here to dl_websocket_wait want the lock to be held. */

static size_t queued(dl_websocket *ws) {
  size_t n;
  dt_frames_output(ws->frames, &n);
  return n;
}

static bool is_open(const dl_websocket *ws) {
  return ws->fd >= 0 && !ws->broken && !ws->leaving &&
         dt_frames_state_of(ws->frames) == DT_FRAMES_OPEN;
}

static void give_up(dl_websocket *ws) {
  ws->broken = true;
  pthread_cond_broadcast(&ws->room);
}

/* Sends what the socket takes without waiting. */
static void flush(dl_websocket *ws) {
  uint64_t before = ws->sent;
  while (ws->fd >= 0 && !ws->broken) {
    size_t n;
    const char *data = dt_frames_output(ws->frames, &n);
    ssize_t done;
    if (n == 0)
      break;
    done = send(ws->fd, data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done > 0) {
      dt_frames_sent(ws->frames, (size_t)done);
      ws->sent += (uint64_t)done;
    }
    else if (done < 0 && errno == EAGAIN)
      break;
    else if (done < 0 && errno != EINTR)
      give_up(ws);
  }
  if (ws->sent != before)
    pthread_cond_broadcast(&ws->room);
}

static void feed(dl_websocket *ws, const char *data, size_t n) {
  if (dt_frames_feed(ws->frames, data, n) != DT_FRAMES_OPEN)
    pthread_cond_broadcast(&ws->room);
}

/* Reads once. */
static void receive(dl_websocket *ws) {
  char data[READ_SIZE];
  ssize_t n = recv(ws->fd, data, sizeof data, MSG_DONTWAIT);
  if (n > 0)
    feed(ws, data, (size_t)n);
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    give_up(ws);
}

/* Tells the own thread that there is something to be sent. */
static void wake(dl_websocket *ws) {
  const uint64_t one = 1;
  /* The counter cannot be full: each wait empties it. */
  if (!pthread_equal(ws->thread, pthread_self()) &&
      write(ws->wake_fd, &one, sizeof one) < 0)
    return;
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

/* Milliseconds until `deadline` for poll; -1 for ever. */
static int time_left(int64_t deadline) {
  int64_t left;
  if (deadline < 0)
    return -1;
  left = deadline - dl_clock_monotonic_ms();
  if (left < 0)
    return 0;
  return left > INT_MAX ? INT_MAX : (int)left;
}

static int64_t deadline_in(int ms) {
  return ms < 0 ? -1 : dl_clock_monotonic_ms() + ms;
}

/* Polls the socket with the others, then moves what can be moved. What poll
 * says, of the others only, goes to fds[2] and later; true if that is
 * anything. The lock is not held here. */
static bool turn(dl_websocket *ws, struct pollfd *fds, nfds_t n, bool reads,
                 int timeout_ms) {
  uint64_t count;
  bool ready = false;
  nfds_t i;
  pthread_mutex_lock(&ws->lock);
  fds[0] = (struct pollfd){ws->fd, 0, 0};
  fds[1] = (struct pollfd){ws->wake_fd, POLLIN, 0};
  if (reads)
    fds[0].events |= POLLIN;
  if (queued(ws) > 0)
    fds[0].events |= POLLOUT;
  pthread_mutex_unlock(&ws->lock);
  if (poll(fds, n, timeout_ms) <= 0)
    return false;
  if (fds[1].revents && read(ws->wake_fd, &count, sizeof count) < 0)
    return false;
  pthread_mutex_lock(&ws->lock);
  if (fds[0].revents & POLLIN)
    receive(ws);
  else if (fds[0].revents & (POLLERR | POLLHUP))
    give_up(ws);
  flush(ws);
  pthread_mutex_unlock(&ws->lock);
  for (i = 2; i < n; i++)
    ready = ready || fds[i].revents;
  return ready;
}

/* Waits until a message has come (into *message; NULL: messages stay where
 * they are, and the peer is made to wait), one of the `n_extra` descriptors
 * (at most 6) is ready, the time is over (< 0: none is set) or the connection
 * is. Messages that came before the end are given first. */
dl_websocket_event dl_websocket_wait(dl_websocket *ws, struct pollfd *extra,
                                     nfds_t n_extra, int timeout_ms,
                                     dl_websocket_message *message) {
  int64_t deadline = deadline_in(timeout_ms);
  struct pollfd fds[8] = {{-1, 0, 0}};
  if (message) {
    free(ws->current);
    ws->current = NULL;
  }
  for (;;) {
    bool over, has, ready;
    int wait = time_left(deadline);
    nfds_t i;
    pthread_mutex_lock(&ws->lock);
    flush(ws);
    has = message && !ws->leaving && take_input(ws, message);
    over = !is_open(ws);
    pthread_mutex_unlock(&ws->lock);
    if (has)
      return DL_WEBSOCKET_MESSAGE;
    if (over)
      return DL_WEBSOCKET_OVER;
    for (i = 0; i < n_extra; i++)
      fds[2 + i] = extra[i];
    ready =
        turn(ws, fds, 2 + n_extra, message || ws->config.ignore_input, wait);
    for (i = 0; i < n_extra; i++)
      extra[i].revents = ready ? fds[2 + i].revents : 0;
    if (ready)
      return DL_WEBSOCKET_READY;
    if (wait == 0)
      return DL_WEBSOCKET_TIMEOUT;
  }
}

/* From now on messages are read and dropped. */
void dl_websocket_ignore_input(dl_websocket *ws) {
  pthread_mutex_lock(&ws->lock);
  ws->config.ignore_input = true;
  pthread_mutex_unlock(&ws->lock);
}

/* Waits until something was sent, the connection ended or the time is over. */
static void wait_for_room(dl_websocket *ws, int64_t deadline) {
  struct timespec until;
  if (pthread_equal(ws->thread, pthread_self())) {
    struct pollfd fds[2];
    bool reads = ws->config.ignore_input;
    pthread_mutex_unlock(&ws->lock);
    turn(ws, fds, 2, reads, time_left(deadline));
    pthread_mutex_lock(&ws->lock);
    return;
  }
  if (deadline < 0) {
    pthread_cond_wait(&ws->room, &ws->lock);
    return;
  }
  until.tv_sec = (time_t)(deadline / 1000);
  until.tv_nsec = (long)(deadline % 1000) * 1000000;
  pthread_cond_timedwait(&ws->room, &ws->lock, &until);
}

/* Queues a message and sends what the peer takes at once. While the queue is
 * full this waits, as long as the peer takes something within `patience_ms`
 * (< 0: for ever). 0; or -1 if the connection is over, memory lacks or the
 * patience is. */
int dl_websocket_send(dl_websocket *ws, dl_websocket_kind kind,
                      const void *data, size_t len, int patience_ms) {
  int64_t deadline = deadline_in(patience_ms);
  uint64_t seen;
  int rc = -1;
  pthread_mutex_lock(&ws->lock);
  flush(ws);
  seen = ws->sent;
  while (is_open(ws) && queued(ws) >= ws->config.max_queue &&
         time_left(deadline) != 0) {
    wait_for_room(ws, deadline);
    if (ws->sent != seen)
      deadline = deadline_in(patience_ms);
    seen = ws->sent;
  }
  if (is_open(ws) && queued(ws) < ws->config.max_queue &&
      dt_frames_send(ws->frames,
                     kind == DL_WEBSOCKET_TEXT ? DT_FRAMES_TEXT
                                               : DT_FRAMES_BINARY,
                     data, len)) {
    rc = 0;
    flush(ws);
    if (queued(ws) > 0)
      wake(ws);
  }
  pthread_mutex_unlock(&ws->lock);
  return rc;
}

/* The same with a JSON text (the reference is taken; NULL is no memory). */
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

/* Starts the closing handshake behind what is queued; the first close counts.
 * A reason is cut to the 123 bytes that a frame has for it. */
void dl_websocket_close(dl_websocket *ws, unsigned code, const char *reason) {
  pthread_mutex_lock(&ws->lock);
  if (is_open(ws)) {
    ws->leaving = true;
    if (!dt_frames_close(ws->frames, code, reason, strlen(reason)))
      give_up(ws);
    flush(ws);
    wake(ws);
    pthread_cond_broadcast(&ws->room);
  }
  pthread_mutex_unlock(&ws->lock);
}

/* Ends the connection behind what is queued, without a close frame. */
void dl_websocket_drop(dl_websocket *ws) {
  pthread_mutex_lock(&ws->lock);
  if (is_open(ws)) {
    ws->leaving = ws->dropped = true;
    wake(ws);
    pthread_cond_broadcast(&ws->room);
  }
  pthread_mutex_unlock(&ws->lock);
}

/* Sends what is left. Then waits for the peer's goodbye, which a peer that was
 * dropped, or that broke the protocol, gives by closing: what it still sends
 * would otherwise destroy what is on its way to it. */
static void finish(dl_websocket *ws) {
  int64_t deadline = deadline_in(FLUSH_MS);
  bool flushed = false, over = false;
  uint64_t seen = 0;
  while (!over && time_left(deadline) != 0) {
    struct pollfd fds[2];
    turn(ws, fds, 2, true, time_left(deadline));
    pthread_mutex_lock(&ws->lock);
    free_inputs(ws->inputs);
    ws->inputs = NULL;
    ws->last_input = &ws->inputs;
    flush(ws);
    if (!flushed && queued(ws) == 0) {
      flushed = true;
      deadline = deadline_in(GOODBYE_MS);
      if (ws->dropped || dt_frames_state_of(ws->frames) == DT_FRAMES_FAILED)
        shutdown(ws->fd, SHUT_WR);
    }
    else if (!flushed && ws->sent != seen)
      deadline = deadline_in(FLUSH_MS);
    seen = ws->sent;
    over = ws->broken ||
           (flushed && dt_frames_state_of(ws->frames) == DT_FRAMES_CLOSED);
    pthread_mutex_unlock(&ws->lock);
  }
}

/* Gives back what a socket holds beside its memory, and the reference of its
 * maker. For one that was never connected. */
void dl_websocket_abandon(dl_websocket *ws) {
  if (ws->config.release)
    ws->config.release(ws->config.arg);
  dl_websocket_unref(ws);
}

/* The connection from its first byte (`early`: `n` bytes that came behind the
 * handshake) to its last. */
void dl_websocket_run(dl_websocket *ws, const char *early, size_t n) {
  pthread_mutex_lock(&ws->lock);
  ws->thread = pthread_self();
  feed(ws, early, n);
  pthread_mutex_unlock(&ws->lock);
  ws->config.serve(ws, ws->config.arg);
  dl_websocket_close(ws, DT_CLOSE_NORMAL, "");
  finish(ws);
  pthread_mutex_lock(&ws->lock);
  shutdown(ws->fd, SHUT_RDWR);
  ws->fd = -1;
  give_up(ws);
  pthread_mutex_unlock(&ws->lock);
}
