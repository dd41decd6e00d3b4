/* libFuzzer target: bytes that a peer sends, in pieces as the input says, to
 * the client's side and to the server's.  However they are cut, both must come
 * to the same end and give the same bytes.
 * fuzz: src/wire/frames.c src/wire/queue.c src/wire/utf8.c -lwslay
 */
#include "../../src/wire/frames.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TEXT = 4096, MAX_BINARY = 65536 };

typedef struct heard {
  uint64_t bytes, messages, sum;
} heard;

static int on_message(void *arg, dt_frames_kind kind, const char *data,
                      size_t n, int final) {
  heard *h = arg;
  if (kind == DT_FRAMES_TEXT && (!final || n > MAX_TEXT))
    abort();
  for (size_t i = 0; i < n; i++)
    h->sum = h->sum * 31 + (unsigned char)data[i];
  h->bytes += n;
  h->messages += (uint64_t)(final != 0);
  return 1;
}

/* Feeds all of it in pieces of 'step' bytes; returns the state. */
static dt_frames_state run(const uint8_t *data, size_t size, size_t step,
                           int is_server, heard *h) {
  const dt_frames_config config = {.is_server = is_server,
                                   .max_text = MAX_TEXT,
                                   .max_binary = MAX_BINARY,
                                   .events = {.on_message = on_message},
                                   .arg = h};
  dt_frames *f = dt_frames_new(&config);
  size_t n, left;
  if (!f)
    abort();
  for (size_t at = 0; at < size; at += step) {
    dt_frames_feed(f, data + at, size - at < step ? size - at : step);
    dt_frames_output(f, &n);
    if (n > 1024) /* one pong and one close frame are the most */
      abort();
  }
  dt_frames_state state = dt_frames_state_of(f);
  dt_frames_send(f, DT_FRAMES_TEXT, "x", 1);
  dt_frames_close(f, DT_CLOSE_NORMAL, "bye", 3);
  for (; dt_frames_output(f, &n), n > 0; dt_frames_sent(f, n > 7 ? 7 : n))
    ;
  if (dt_frames_reason(f, &left)[left] != '\0' || left > DT_FRAMES_REASON)
    abort();
  if ((state == DT_FRAMES_FAILED) != (dt_frames_problem(f)[0] != '\0'))
    abort();
  dt_frames_free(f);
  return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2)
    return 0;
  int is_server = data[0] & 1;
  size_t step = (size_t)data[1] % 61 + 1;
  heard whole = {0}, cut = {0};
  dt_frames_state a = run(data + 2, size - 2, size, is_server, &whole);
  dt_frames_state b = run(data + 2, size - 2, step, is_server, &cut);
  if (a != b || memcmp(&whole, &cut, sizeof whole) != 0)
    abort();
  return 0;
}
