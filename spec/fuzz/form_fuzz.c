/* libFuzzer target: daytona-local's reader of uploaded forms.  A body in any
 * pieces comes to the same end and the same parts, what a part is said to hold
 * stands in the body, in that order; what a form holds is read as it was, and
 * of a part's content no more is held back than could be a boundary.
 * fuzz: -Isrc/local -Isrc src/local/http/multipart.c src/local/strbuf.c
 * fuzz: src/wire/multipart.c src/wire/header.c src/wire/buffer.c
 * fuzz: src/wire/hex.c src/wire/utf8.c
 */
#include "../../src/local/http/multipart.h"

#include <sanitizer/allocator_interface.h>

#include "form.h"

/* What a reader may hold: part headers and their double while it grows. */
enum { HELD = 256 * 1024, HELD_BODY = 4096 };

static void on_begin(void *arg, const char *name, const char *filename) {
  form_begin(arg);
  form_name(arg, name, strlen(name));
  if (filename)
    form_name(arg, filename, strlen(filename));
}

static void on_data(void *arg, const char *data, size_t len) {
  form_data(arg, data, len);
}

static void on_end(void *arg) {
  form_end(arg, NULL);
}

static const dl_multipart_events events = {on_begin, on_data, on_end};

static void read_all(const char *data, size_t size, size_t step,
                     size_t most_held, form_seen *seen) {
  size_t before = __sanitizer_get_current_allocated_bytes();
  dl_multipart *m = dl_multipart_new(FORM_TYPE, &events, seen);
  if (!m)
    abort();
  for (size_t at = 0; at < size; at += step) {
    dl_multipart_feed(m, data + at, size - at < step ? size - at : step);
    if (__sanitizer_get_current_allocated_bytes() - before > most_held)
      abort();
  }
  seen->closed = dl_multipart_complete(m);
  seen->broken = dl_multipart_error(m) != NULL;
  if (dl_multipart_inside_part(m) != seen->open)
    abort();
  dl_multipart_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
  static form_seen whole, cut;
  static char text[FORM_TEXT];
  if (size < 1 || size > FORM_MOST)
    return 0;
  const char *data = (const char *)input + 1;
  size_t step = (size_t)input[0] % 61 + 1;
  size--;
  form_clear(&whole);
  form_clear(&cut);
  read_all(data, size, size + 1, HELD + 2 * size, &whole);
  read_all(data, size, step, HELD, &cut);
  form_same(&whole, &cut);
  form_stands_in(&cut, data, size);

  size_t n = form_make(data, size, text, &whole);
  form_clear(&cut);
  read_all(text, n, step, HELD_BODY, &cut);
  form_same(&whole, &cut);
  return 0;
}
