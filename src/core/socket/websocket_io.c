/* What a WebSocket does on the wire, from connecting by libcurl to the end. */
#include "websocket_io.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flow/driver.h"
#include "../flow/pulse.h"
#include "upgrade.h"

enum { READ_AT_ONCE = 256 * 1024 };

static void set(bool *flag, bool value) {
  __atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

static void move(dt_socket *s);
static unsigned wait_for(const dt_socket *s, struct curl_waitfd *fds,
                         double *seconds);

static dt_websocket *of_socket(const dt_socket *s) {
  return (dt_websocket *)((char *)s - offsetof(dt_websocket, socket));
}

/* --- the end */

/* Gives up the connection. */
static void disconnect(dt_websocket *w) {
  dt_sockets_remove(&w->socket);
  dt_connector_free(w->connector);
  w->connector = NULL;
  w->easy = NULL;
  w->fd = CURL_SOCKET_BAD;
  dt_queue_free(&w->question);
  free(w->buffer);
  w->buffer = NULL;
  w->staged = w->sent = 0;
}

void dt_websocket_free(dt_websocket *w) {
  disconnect(w);
  dt_frames_free(w->frames);
  w->frames = NULL;
  free(w->answer);
  w->answer = NULL;
  w->request.answer = NULL;
  dt_queue_free(&w->inbox.bytes);
  dt_queue_free(&w->taken.bytes);
}

void dt_websocket_end(dt_websocket *w, CURLcode code) {
  if (w->request.transfer.driver)
    dt_driver_finish(&w->request.transfer, code);
}

/* The driver has taken the reading side out. */
static void ended(dt_transfer *t) {
  dt_websocket *w = (dt_websocket *)t;
  w->phase = DT_WEBSOCKET_OVER;
  disconnect(w);
  if (w->writer.driver)
    dt_driver_finish(&w->writer, t->code);
  set(&w->writer.done, true);
}

/* The same of the writing side: one cannot be without the other. */
static void writer_ended(dt_transfer *t) {
  dt_websocket *w =
      (dt_websocket *)((char *)t - offsetof(dt_websocket, writer));
  dt_websocket_end(w, t->code);
}

static void end_for(dt_websocket *w, CURLcode code, const char *why) {
  snprintf(w->request.error, sizeof w->request.error, "%s", why);
  dt_websocket_end(w, code);
}

static void end_for_problem(dt_websocket *w, const char *problem) {
  w->problem = problem;
  dt_websocket_end(w, CURLE_OK);
}

/* --- what is waited for */

static int on_message(void *arg, dt_frames_kind kind, const char *data,
                      size_t n, int final) {
  dt_websocket *w = arg;
  if (!dt_inbox_add(&w->inbox, kind, data, n, final))
    return 0;
  set(&w->news, 1);
  return 1;
}

const dt_frames_events dt_websocket_events = {.on_message = on_message};

static bool is_read(const dt_transfer *t) {
  const dt_websocket *w = (const dt_websocket *)t;
  return __atomic_load_n(&w->news, __ATOMIC_ACQUIRE) ||
         __atomic_load_n(&w->alarms[0].rung, __ATOMIC_ACQUIRE);
}

static bool is_written(const dt_transfer *t) {
  const dt_websocket *w =
      (const dt_websocket *)((const char *)t - offsetof(dt_websocket, writer));
  return __atomic_load_n(&w->room, __ATOMIC_ACQUIRE) ||
         __atomic_load_n(&w->alarms[1].rung, __ATOMIC_ACQUIRE);
}

const dt_transfer_kind dt_websocket_reader = {.needs_lua = is_read,
                                              .ended = ended};
const dt_transfer_kind dt_websocket_writer = {.needs_lua = is_written,
                                              .ended = writer_ended};

size_t dt_websocket_pending(dt_websocket *w) {
  size_t n = 0;
  if (w->frames)
    dt_frames_output(w->frames, &n);
  return n + w->question.length + w->staged - w->sent;
}

void dt_websocket_note_room(dt_websocket *w) {
  size_t pending = dt_websocket_pending(w);
  set(&w->room, w->refused ? pending <= DT_WEBSOCKET_OUTBOX / 2 : pending == 0);
}

/* --- connecting */

/* Connected: the handshake goes out. */
static void ask(dt_websocket *w) {
  w->phase = DT_WEBSOCKET_ASKING;
  w->request.sendings = 1;
  w->easy = w->connector->easy;
  w->fd = w->connector->fd;
}

static void go_on_connecting(dt_websocket *w) {
  dt_connector *c = w->connector;
  if (c->state == DT_CONNECTOR_BUSY)
    dt_connector_move(c);
  if (c->state == DT_CONNECTOR_READY)
    ask(w);
  else if (c->state == DT_CONNECTOR_FAILED) {
    w->request.proxy_status = c->proxy_status;
    w->request.socket_error = c->socket_error;
    end_for(w, c->code, c->error);
  }
}

CURLcode dt_websocket_start(dt_websocket *w, dt_connector *connected) {
  dt_client *c = w->request.client;
  CURLcode code = CURLE_OK;
  w->connector = connected;
  if (!connected)
    code = dt_connector_new(c, w->request.url.data, &w->connector);
  if (code != CURLE_OK)
    return code;
  w->socket = (dt_socket){.move = move, .wait_for = wait_for};
  if (dt_sockets_add(&c->driver, &w->socket) != 0)
    return CURLE_OUT_OF_MEMORY;
  dt_driver_enlist(&c->driver, &w->request.transfer);
  if (w->connector->state == DT_CONNECTOR_READY) {
    ask(w);
    dt_websocket_flush(w);
  }
  return CURLE_OK;
}

/* --- bytes */

/* Sends what stands in 'buffer'.  Returns whether all of it went.  After an
 * error what the server said before it closed is still to be read. */
static int send_staged(dt_websocket *w) {
  while (w->sent < w->staged) {
    size_t n = 0;
    CURLcode code =
        curl_easy_send(w->easy, w->buffer + w->sent, w->staged - w->sent, &n);
    if (code == CURLE_AGAIN)
      return 0;
    if (code != CURLE_OK) {
      w->broken = 1;
      return 0;
    }
    w->sent += n;
    w->moved = 1;
  }
  w->staged = w->sent = 0;
  return 1;
}

/* Takes the next bytes to be sent into 'buffer'; returns how many. */
static size_t stage(dt_websocket *w) {
  size_t n;
  const char *bytes;
  if (w->phase == DT_WEBSOCKET_ASKING) {
    n = w->question.length;
    bytes = n > 0 ? dt_queue_first(&w->question) : "";
  }
  else
    bytes = dt_frames_output(w->frames, &n);
  n = n < DT_WEBSOCKET_STAGE ? n : DT_WEBSOCKET_STAGE;
  memcpy(w->buffer, bytes, n);
  if (w->phase == DT_WEBSOCKET_ASKING)
    dt_queue_drop(&w->question, n);
  else
    dt_frames_sent(w->frames, n);
  w->staged = n;
  return n;
}

void dt_websocket_flush(dt_websocket *w) {
  while (!w->broken && send_staged(w) && stage(w) > 0)
    ;
}

/* Whether there is something that may be sent now. */
static bool has_output(dt_websocket *w) {
  return w->staged > w->sent || w->question.length > 0 ||
         (w->phase == DT_WEBSOCKET_OPEN && dt_websocket_pending(w) > 0);
}

static bool has_room(const dt_websocket *w) {
  return w->inbox.bytes.length < DT_WEBSOCKET_INBOX;
}

/* Whether bytes are wanted from the server. */
static bool is_reading(const dt_websocket *w) {
  return w->phase == DT_WEBSOCKET_ASKING ||
         (w->phase == DT_WEBSOCKET_OPEN && has_room(w) &&
          dt_frames_state_of(w->frames) <= DT_FRAMES_CLOSING);
}

/* The handshake has been answered by 101: frames from now on. */
static void open(dt_websocket *w) {
  const dt_answer *a = w->answer;
  const char *problem = dt_upgrade_problem(a, w->key);
  if (problem) {
    end_for_problem(w, problem);
    return;
  }
  w->phase = DT_WEBSOCKET_OPEN;
  w->deadline = HUGE_VAL;
  memcpy(w->subprotocol, a->subprotocol, sizeof w->subprotocol);
  w->request.answer = NULL;
  free(w->answer);
  w->answer = NULL;
  set(&w->news, 1);
}

/* Bytes of the answer, perhaps with first frames behind it. */
static void take_answer(dt_websocket *w, const char *bytes, size_t n) {
  size_t used = dt_answer_feed(w->answer, &w->request, bytes, n);
  if (w->answer->state == DT_ANSWER_BROKEN)
    end_for_problem(w, "the server does not answer in HTTP/1.1");
  else if (w->answer->state == DT_ANSWER_COMPLETE && w->answer->status != 101)
    dt_websocket_end(w, CURLE_OK);
  else if (w->answer->state == DT_ANSWER_COMPLETE)
    open(w);
  if (w->phase == DT_WEBSOCKET_OPEN && used < n)
    dt_frames_feed(w->frames, bytes + used, n - used);
}

/* The connection has ended without a word. */
static void lose(dt_websocket *w, CURLcode code) {
  if (w->phase == DT_WEBSOCKET_ASKING)
    dt_answer_end(w->answer);
  if (w->phase == DT_WEBSOCKET_ASKING &&
      w->answer->state == DT_ANSWER_COMPLETE && w->answer->status != 101)
    dt_websocket_end(w, CURLE_OK);
  else if (w->phase == DT_WEBSOCKET_ASKING)
    end_for(w, CURLE_GOT_NOTHING,
            "the connection was lost before the handshake was answered");
  else if (w->closing) /* impolite, but the end that was wanted */
    dt_websocket_end(w, CURLE_OK);
  else
    end_for(w, code == CURLE_OK ? CURLE_RECV_ERROR : code,
            "the connection was lost without a close frame");
}

/* Reads until nothing is there, or enough for now. */
static void read_some(dt_websocket *w) {
  char bytes[DT_WEBSOCKET_READ];
  size_t total = 0;
  w->more = 0;
  while (is_reading(w)) {
    size_t n = 0;
    if (total >= READ_AT_ONCE) { /* others want to move, too */
      w->more = 1;
      return;
    }
    CURLcode code = curl_easy_recv(w->easy, bytes, sizeof bytes, &n);
    if (code == CURLE_AGAIN)
      return;
    if (code != CURLE_OK || n == 0) {
      lose(w, code);
      return;
    }
    total += n;
    w->ping_unanswered = 0;
    if (w->phase == DT_WEBSOCKET_ASKING)
      take_answer(w, bytes, n);
    else if (dt_frames_feed(w->frames, bytes, n) > DT_FRAMES_CLOSING)
      return;
  }
}

/* --- time */

/* A ping now and then; without a sign of life since the last it is over.  While
 * Lua takes nothing nobody can tell, and a server that takes much is alive. */
static void keep_alive(dt_websocket *w, double now) {
  if (w->ping_every <= 0 || now < w->ping_at)
    return;
  w->ping_at = now + w->ping_every;
  if (!has_room(w) || (w->moved && dt_websocket_pending(w) > 0))
    w->ping_unanswered = 0;
  else if (w->ping_unanswered) {
    dt_pulse_fell_silent(&w->request.client->driver, w->fd);
    end_for(w, CURLE_OPERATION_TIMEDOUT, "no sign of life from the server");
  }
  else if (dt_frames_ping(w->frames, "", 0)) {
    w->ping_unanswered = 1;
    dt_websocket_flush(w);
  }
  w->moved = 0;
}

static void look_at_clock(dt_websocket *w) {
  double now = dt_sockets_now();
  for (int i = 0; i < 2; i++)
    if (w->alarms[i].at > 0 && now >= w->alarms[i].at) {
      w->alarms[i].at = 0;
      set(&w->alarms[i].rung, 1);
    }
  if (now >= w->deadline && w->phase == DT_WEBSOCKET_OPEN)
    dt_websocket_end(w, CURLE_OK); /* the server does not answer the close */
  else if (now >= w->deadline)
    end_for(w, CURLE_OPERATION_TIMEDOUT,
            w->phase == DT_WEBSOCKET_CONNECTING
                ? "no connection within the deadline"
                : "the handshake was not answered within the deadline");
  else if (w->phase == DT_WEBSOCKET_OPEN)
    keep_alive(w, now);
}

/* --- the driver's side */

/* What the frames have come to. */
static void look_at_frames(dt_websocket *w) {
  dt_frames_state state = dt_frames_state_of(w->frames);
  if (state == DT_FRAMES_FAILED)
    end_for_problem(w, dt_frames_problem(w->frames));
  else if (state == DT_FRAMES_CLOSED &&
           (w->broken || dt_websocket_pending(w) == 0))
    dt_websocket_end(w, CURLE_OK);
  else
    dt_websocket_note_room(w);
}

static void move(dt_socket *s) {
  dt_websocket *w = of_socket(s);
  if (w->phase == DT_WEBSOCKET_CONNECTING)
    go_on_connecting(w);
  if (w->phase == DT_WEBSOCKET_ASKING || w->phase == DT_WEBSOCKET_OPEN) {
    dt_websocket_flush(w);
    read_some(w);
  }
  if (w->phase == DT_WEBSOCKET_OPEN) {
    dt_websocket_flush(w); /* pongs, the answer to a close, why it failed */
    look_at_frames(w);
  }
  if (w->broken && is_reading(w)) /* and there was nothing to read */
    lose(w, CURLE_SEND_ERROR);
  if (w->phase != DT_WEBSOCKET_OVER)
    look_at_clock(w);
}

static unsigned wait_for(const dt_socket *s, struct curl_waitfd *fds,
                         double *seconds) {
  dt_websocket *w = of_socket(s);
  double now = dt_sockets_now();
  if (w->more)
    *seconds = 0;
  dt_sockets_sooner(seconds, w->deadline, now);
  for (int i = 0; i < 2; i++)
    if (w->alarms[i].at > 0)
      dt_sockets_sooner(seconds, w->alarms[i].at, now);
  if (w->phase == DT_WEBSOCKET_CONNECTING)
    return dt_connector_wait_for(w->connector, fds, seconds);
  if (w->phase == DT_WEBSOCKET_OPEN && w->ping_every > 0)
    dt_sockets_sooner(seconds, w->ping_at, now);
  short events = is_reading(w) ? CURL_WAIT_POLLIN : 0;
  if (!w->broken && has_output(w))
    events |= CURL_WAIT_POLLOUT;
  if (events)
    fds[0] = (struct curl_waitfd){.fd = w->fd, .events = events};
  return events != 0;
}
