/* libFuzzer target: the client's reader of multipart answers.  A body in any
 * pieces comes to the same end and the same parts, what a part is said to hold
 * stands in the body, in that order; what a form holds is read as it was; and
 * the files that were asked for keep no more than their limit.
 * fuzz: src/wire/multipart.c src/wire/header.c
 * fuzz: src/core/bytes/parts.c src/core/bytes/sink.c src/core/bytes/source.c
 * fuzz: src/core/bytes/beneath.c src/core/bytes/sha256.c
 * fuzz: src/wire/buffer.c src/wire/hex.c
 * fuzz: -lcurl
 */
#include "../../src/wire/header.h"
#include "../../src/core/bytes/parts.h"

#include "form.h"

enum { LIMIT = 300, MAX_REASON = 64 * 1024, FILES = 3 };

static long long on_begin(void *arg, const char *head, size_t n) {
  form_seen *seen = arg;
  form_begin(seen);
  form_name(seen, head, n);
  /* Even and odd heads: with and without a length of the body. */
  return n % 2 == 0 ? (long long)(n % 50) : -1;
}

/* Parts as forms have them: name and file name, a boundary at the end. */
static long long on_begin_named(void *arg, const char *head, size_t n) {
  static const char *const names[] = {"name", "filename"};
  dt_buffer name = {0};
  size_t k;
  const char *value = dt_header_find(head, n, "Content-Disposition", &k);
  form_begin(arg);
  for (size_t i = 0; value && i < 2; i++, dt_buffer_clear(&name))
    if (dt_header_parameter(value, k, names[i], &name))
      form_name(arg, name.data, name.len);
  dt_buffer_free(&name);
  return -1;
}

static void on_data(void *arg, const char *bytes, size_t n) {
  form_data(arg, bytes, n);
}

static void on_end(void *arg, const char *problem) {
  form_end(arg, problem);
}

static const dt_multipart_events mixed = {on_begin, on_data, on_end,
                                          .longer_line_is_content = true};
static const dt_multipart_events named = {on_begin_named, on_data, on_end};

static void read_all(const dt_multipart_events *events, const char *data,
                     size_t size, size_t step, form_seen *seen) {
  dt_multipart m;
  if (!dt_multipart_open(&m, FORM_TYPE, events, seen))
    abort();
  for (size_t at = 0; at < size; at += step) {
    dt_multipart_feed(&m, data + at, size - at < step ? size - at : step);
    if (m.head.cap > 128 * 1024 || m.matched >= m.length)
      abort();
  }
  seen->closed = dt_multipart_finish(&m);
  if (m.open || m.state != DT_MULTIPART_ENDED)
    abort();
  dt_multipart_close(&m);
}

/* The files "a", "b" and the empty name, as download_files keeps them. */
static dt_parts *keep(const char *data, size_t size, size_t step) {
  static const char *const names[FILES] = {"a", "b", ""};
  dt_parts *p = dt_parts_new(FILES, LIMIT);
  if (!p)
    abort();
  for (size_t i = 0; i < FILES; i++)
    if (!dt_parts_set(p, i, names[i], strlen(names[i]), NULL))
      abort();
  for (size_t at = 0; at < size; at += step)
    dt_parts_write(p, FORM_TYPE, data + at,
                   size - at < step ? size - at : step);
  dt_parts_finish(p);
  return p;
}

static void same_files(const char *data, size_t size, size_t step) {
  dt_parts *a = keep(data, size, size + 1);
  dt_parts *b = keep(data, size, step);
  size_t kept = 0;
  for (size_t i = 0; i < FILES; i++) {
    const dt_part *x = &a->list[i], *y = &b->list[i];
    if (x->seen != y->seen || x->complete != y->complete ||
        x->is_error != y->is_error || x->sink.overflow != y->sink.overflow ||
        (x->complete && x->problem) || (x->complete && !x->seen))
      abort();
    if (!x->sink.overflow && (x->sink.memory.len != y->sink.memory.len ||
                              (x->sink.memory.len > 0 &&
                               memcmp(x->sink.memory.data, y->sink.memory.data,
                                      x->sink.memory.len) != 0)))
      abort();
    if (y->sink.memory.len > (y->is_error ? MAX_REASON : LIMIT))
      abort();
    kept += y->is_error ? 0 : y->sink.memory.len;
  }
  if (kept > LIMIT || a->finished != b->finished)
    abort();
  dt_parts_free(a);
  dt_parts_free(b);
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
  read_all(&mixed, data, size, size + 1, &whole);
  read_all(&mixed, data, size, step, &cut);
  form_same(&whole, &cut);
  form_stands_in(&cut, data, size);
  same_files(data, size, step);

  size_t n = form_make(data, size, text, &whole);
  form_clear(&cut);
  read_all(&named, text, n, step, &cut);
  form_same(&whole, &cut);
  return 0;
}
