#include "frames.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <wslay/wslay.h>

#include "queue.h"
#include "utf8.h"

enum { NO_MESSAGE = 0 }; /* else a dt_frames_kind, which are wslay's opcodes */

struct dt_frames {
  dt_frames_config config;
  dt_frames_state state;
  wslay_frame_context_ptr wire;
  const char *input; /* what wslay has not asked for yet */
  size_t input_length;
  uint64_t arrived; /* payload bytes of the frame that is under way */
  int message;      /* kind of the message that is under way */
  uint64_t length;  /* its bytes so far */
  dt_queue text;    /* of a text */
  char control[DT_FRAMES_CONTROL];
  size_t control_length;
  char pong[DT_FRAMES_CONTROL]; /* answers the last ping that came */
  size_t pong_length;
  int owes_pong;
  dt_queue output;
  size_t pong_end; /* bytes of it up to the end of a pong, 0: it has none */
  unsigned code;
  char reason[DT_FRAMES_REASON + 1];
  size_t reason_length;
  const char *problem;
};

/* wslay takes input from here; 0 makes it come back. */
static ssize_t give_input(uint8_t *to, size_t n, int flags, void *arg) {
  dt_frames *f = arg;
  (void)flags;
  n = n < f->input_length ? n : f->input_length;
  if (n > 0)
    memcpy(to, f->input, n);
  f->input += n;
  f->input_length -= n;
  return (ssize_t)n;
}

/* wslay puts output here. */
static ssize_t take_output(const uint8_t *data, size_t n, int flags,
                           void *arg) {
  dt_frames *f = arg;
  (void)flags;
  return dt_queue_add(&f->output, data, n) ? (ssize_t)n : -1;
}

static int make_mask(uint8_t *to, size_t n, void *arg) {
  (void)arg;
  return getrandom(to, n, 0) == (ssize_t)n ? 0 : -1;
}

dt_frames *dt_frames_new(const dt_frames_config *config) {
  static const struct wslay_frame_callbacks callbacks = {
      .send_callback = take_output,
      .recv_callback = give_input,
      .genmask_callback = make_mask};
  dt_frames *f = malloc(sizeof *f);
  if (!f)
    return NULL;
  *f = (dt_frames){.config = *config, .code = DT_CLOSE_LOST};
  if (wslay_frame_context_init(&f->wire, &callbacks, f) != 0) {
    free(f);
    return NULL;
  }
  return f;
}

void dt_frames_free(dt_frames *f) {
  if (!f)
    return;
  wslay_frame_context_free(f->wire);
  dt_queue_free(&f->text);
  dt_queue_free(&f->output);
  free(f);
}

dt_frames_state dt_frames_state_of(const dt_frames *f) {
  return f->state;
}

/* Queues a frame.  The memory for all of it is allocated before the first byte
 * is written, so the output never ends in half a frame. */
static int add_frame(dt_frames *f, uint8_t opcode, const void *data, size_t n) {
  enum { LARGEST_HEADER = 14 };
  struct wslay_frame_iocb frame = {.fin = 1,
                                   .opcode = opcode,
                                   .payload_length = n,
                                   .mask = f->config.is_server ? 0 : 1,
                                   .data = data,
                                   .data_length = n};
  if (n > SIZE_MAX - LARGEST_HEADER ||
      !dt_queue_room(&f->output, n + LARGEST_HEADER))
    return 0;
  return wslay_frame_send(f->wire, &frame) == (ssize_t)n;
}

static int add_close(dt_frames *f, unsigned code, const char *reason,
                     size_t n) {
  char payload[DT_FRAMES_CONTROL];
  payload[0] = (char)(code >> 8);
  payload[1] = (char)(code & 255);
  n = n < DT_FRAMES_REASON ? n : DT_FRAMES_REASON;
  n = n > 0 ? dt_utf8_prefix(reason, n) : 0;
  if (n > 0)
    memcpy(payload + 2, reason, n);
  return add_frame(f, WSLAY_CONNECTION_CLOSE, payload,
                   code == DT_CLOSE_NO_CODE ? 0 : n + 2);
}

/* Fails the endpoint because the peer broke the protocol, and queues a close
 * frame that says so. */
static void fail(dt_frames *f, unsigned code, const char *problem) {
  if (f->state == DT_FRAMES_OPEN && code)
    add_close(f, code, NULL, 0);
  f->state = DT_FRAMES_FAILED;
  f->problem = problem;
}

static void fail_without_memory(dt_frames *f) {
  fail(f, 0, "not enough memory");
}

/* Whether a close frame may carry the code. */
static bool is_code(unsigned code) {
  return (code >= 1000 && code <= 1014 && code != 1004 &&
          code != DT_CLOSE_NO_CODE && code != DT_CLOSE_LOST) ||
         (code >= 3000 && code <= 4999);
}

/* The peer's close frame: what it says, and our answer. */
static void be_closed(dt_frames *f) {
  const unsigned char *payload = (const unsigned char *)f->control;
  size_t n = f->control_length;
  unsigned code =
      n >= 2 ? (unsigned)payload[0] << 8 | payload[1] : DT_CLOSE_NO_CODE;
  if (n == 1 || (n >= 2 && !is_code(code))) {
    fail(f, DT_CLOSE_PROTOCOL, "a close frame with a code that is none");
    return;
  }
  n = n >= 2 ? n - 2 : 0;
  if (dt_utf8_prefix(f->control + 2, n) < n) {
    fail(f, DT_CLOSE_NOT_UTF8, "a reason for closing that is not UTF-8");
    return;
  }
  f->code = code;
  memcpy(f->reason, f->control + 2, n);
  f->reason[n] = '\0';
  f->reason_length = n;
  if (f->state == DT_FRAMES_OPEN)
    add_close(f, code, NULL, 0);
  f->state = DT_FRAMES_CLOSED;
}

static void end_control(dt_frames *f, uint8_t opcode) {
  if (opcode == WSLAY_CONNECTION_CLOSE)
    be_closed(f);
  else if (opcode == WSLAY_PING) {
    memcpy(f->pong, f->control, f->control_length);
    f->pong_length = f->control_length;
    f->owes_pong = 1;
  }
  else if (f->config.events.on_pong)
    f->config.events.on_pong(f->config.arg, f->control, f->control_length);
}

/* Takes a part of a control frame; wslay refuses those that are too long. */
static void add_control(dt_frames *f, const struct wslay_frame_iocb *frame) {
  if (f->arrived == 0)
    f->control_length = 0;
  if (frame->data_length > sizeof f->control - f->control_length) {
    fail(f, DT_CLOSE_PROTOCOL, "a control frame that is too long");
    return;
  }
  if (frame->data_length > 0)
    memcpy(f->control + f->control_length, frame->data, frame->data_length);
  f->control_length += frame->data_length;
  if (f->arrived + frame->data_length == frame->payload_length)
    end_control(f, frame->opcode);
}

/* Checks the first part of a data frame: to which message it belongs, and
 * whether the message may be that long.  Returns 0 after a failure. */
static int begin_data(dt_frames *f, const struct wslay_frame_iocb *frame) {
  if (frame->opcode == WSLAY_CONTINUATION_FRAME) {
    if (f->message == NO_MESSAGE) {
      fail(f, DT_CLOSE_PROTOCOL, "a continuation of nothing");
      return 0;
    }
  }
  else if (f->message != NO_MESSAGE) {
    fail(f, DT_CLOSE_PROTOCOL, "a message within a message");
    return 0;
  }
  else {
    f->message = frame->opcode;
    f->length = 0;
  }
  size_t limit =
      f->message == DT_FRAMES_TEXT ? f->config.max_text : f->config.max_binary;
  if ((limit || f->message == DT_FRAMES_TEXT) &&
      frame->payload_length > limit - f->length) {
    fail(f, DT_CLOSE_TOO_LARGE, "a message that is too large");
    return 0;
  }
  f->length += frame->payload_length;
  return 1;
}

/* Gives bytes of a message to the owner. */
static void deliver(dt_frames *f, const char *data, size_t n, int final) {
  if (!f->config.events.on_message(f->config.arg, (dt_frames_kind)f->message,
                                   data, n, final))
    fail_without_memory(f);
  if (final)
    f->message = NO_MESSAGE;
}

/* Takes a part of a text message.  A text that arrives in one part is not
 * copied. */
static void add_text(dt_frames *f, const char *data, size_t n, int final) {
  dt_queue *text = &f->text;
  if (text->length > 0 || !final) {
    if (!dt_queue_add(text, data, n)) {
      fail_without_memory(f);
      return;
    }
    if (!final)
      return;
    data = text->length > 0 ? dt_queue_first(text) : "";
    n = text->length;
  }
  if (dt_utf8_prefix(data, n) < n)
    fail(f, DT_CLOSE_NOT_UTF8, "a text that is not UTF-8");
  else
    deliver(f, data, n, 1);
  dt_queue_drop(text, text->length);
}

static void add_data(dt_frames *f, const struct wslay_frame_iocb *frame) {
  static const char nothing[1];
  int ends = f->arrived + frame->data_length == frame->payload_length;
  size_t n = frame->data_length;
  const char *data = n > 0 ? (const char *)frame->data : nothing;
  if (f->arrived == 0 && !begin_data(f, frame))
    return;
  if (f->message == DT_FRAMES_TEXT)
    add_text(f, data, n, frame->fin && ends);
  else if (n > 0 || (frame->fin && ends))
    deliver(f, data, n, frame->fin && ends);
}

/* One frame or part of it. */
static void add_part(dt_frames *f, const struct wslay_frame_iocb *frame) {
  if (frame->rsv != 0 || !frame->mask != !f->config.is_server)
    fail(f, DT_CLOSE_PROTOCOL,
         frame->rsv != 0       ? "a frame with reserved bits"
         : f->config.is_server ? "a frame that is not masked"
                               : "a frame that is masked");
  else if (frame->opcode > WSLAY_PONG ||
           (frame->opcode > WSLAY_BINARY_FRAME &&
            frame->opcode < WSLAY_CONNECTION_CLOSE))
    fail(f, DT_CLOSE_PROTOCOL, "a frame of an unknown kind");
  else if (wslay_is_ctrl_frame(frame->opcode))
    add_control(f, frame);
  else
    add_data(f, frame);
  f->arrived += frame->data_length;
  if (f->arrived == frame->payload_length)
    f->arrived = 0;
}

dt_frames_state dt_frames_feed(dt_frames *f, const void *bytes, size_t n) {
  f->input = bytes;
  f->input_length = n;
  while (f->state <= DT_FRAMES_CLOSING) {
    struct wslay_frame_iocb frame = {0};
    ssize_t got = wslay_frame_recv(f->wire, &frame);
    if (got == WSLAY_ERR_WANT_READ && f->input_length == 0)
      break;
    if (got >= 0)
      add_part(f, &frame);
    else if (got != WSLAY_ERR_WANT_READ)
      fail(f, DT_CLOSE_PROTOCOL, "a frame with an impossible length");
  }
  f->input = NULL;
  f->input_length = 0;
  return f->state;
}

int dt_frames_send(dt_frames *f, dt_frames_kind kind, const void *data,
                   size_t n) {
  return f->state == DT_FRAMES_OPEN && add_frame(f, (uint8_t)kind, data, n);
}

int dt_frames_ping(dt_frames *f, const void *data, size_t n) {
  return f->state == DT_FRAMES_OPEN && n <= DT_FRAMES_CONTROL &&
         add_frame(f, WSLAY_PING, data, n);
}

int dt_frames_close(dt_frames *f, unsigned code, const char *reason, size_t n) {
  if (f->state != DT_FRAMES_OPEN ||
      (code != DT_CLOSE_NO_CODE && !is_code(code)) ||
      !add_close(f, code, reason, n))
    return 0;
  f->state = DT_FRAMES_CLOSING;
  return 1;
}

/* Of the pings that came while a pong could not be sent only the last is
 * answered, so that a peer that does not read costs no memory. */
const char *dt_frames_output(dt_frames *f, size_t *n) {
  if (f->owes_pong && f->pong_end == 0 && f->state == DT_FRAMES_OPEN &&
      add_frame(f, WSLAY_PONG, f->pong, f->pong_length)) {
    f->owes_pong = 0;
    f->pong_end = f->output.length;
  }
  *n = f->output.length;
  return *n > 0 ? dt_queue_first(&f->output) : "";
}

void dt_frames_sent(dt_frames *f, size_t n) {
  f->pong_end -= n < f->pong_end ? n : f->pong_end;
  dt_queue_drop(&f->output, n);
}

unsigned dt_frames_code(const dt_frames *f) {
  return f->code;
}

const char *dt_frames_reason(const dt_frames *f, size_t *n) {
  *n = f->reason_length;
  return f->reason;
}

const char *dt_frames_problem(const dt_frames *f) {
  return f->problem ? f->problem : "";
}
