/* libFuzzer target: a log in any pieces gives the same two streams, nothing is
 * kept back that is not the start of a marker, and what the writer writes is
 * read as it was.
 * fuzz: src/wire/markers.c
 */
#include "../../src/wire/markers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct streams {
  size_t bytes[3];
  uint64_t sum[3];
} streams;

static void add(streams *s, const dt_markers_piece *piece) {
  if (piece->length == 0 || piece->stream < 0 || piece->stream > 2)
    abort();
  for (size_t i = 0; i < piece->length; i++)
    s->sum[piece->stream] =
        s->sum[piece->stream] * 31 + (unsigned char)piece->data[i];
  s->bytes[piece->stream] += piece->length;
}

static void take(dt_markers *m, streams *s, const char *data, size_t n) {
  dt_markers_piece piece;
  while (dt_markers_read(m, &data, &n, &piece))
    add(s, &piece);
  if (n != 0 || m->run > 2)
    abort();
}

static streams read_all(const char *data, size_t size, size_t step) {
  dt_markers m = {0};
  streams s = {{0}, {0}};
  dt_markers_piece piece;
  for (size_t at = 0; at < size; at += step)
    take(&m, &s, data + at, size - at < step ? size - at : step);
  if (dt_markers_end(&m, &piece))
    add(&s, &piece);
  return s;
}

/* Writes the input as chunks of one stream and the other, reads it while it is
 * written, and compares. */
static void round_trip(const char *data, size_t size) {
  dt_markers writer = {0}, reader = {0};
  streams wanted = {{0}, {0}}, got = {{0}, {0}};
  dt_markers_piece piece;
  size_t step = 1;
  int stream = DT_MARKERS_STDOUT;
  for (size_t at = 0; at < size; at += step) {
    stream = DT_MARKERS_STDOUT + (data[at] & 1);
    step = 1 + (size_t)((unsigned char)data[at] >> 4);
    step = size - at < step ? size - at : step;
    dt_markers_piece whole = {stream, data + at, step};
    add(&wanted, &whole);
    const char *p = data + at;
    size_t left = step;
    while (dt_markers_write(&writer, stream, &p, &left, &piece))
      take(&reader, &got, piece.data, piece.length);
  }
  if (dt_markers_end(&reader, &piece))
    add(&got, &piece);
  if (memcmp(&wanted, &got, sizeof got) != 0)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
  const char *data = (const char *)input;
  streams whole = read_all(data, size, size + 1);
  for (size_t step = 1; step <= 5; step++) {
    streams cut = read_all(data, size, step);
    if (memcmp(&whole, &cut, sizeof cut) != 0)
      abort();
  }
  round_trip(data, size);
  return 0;
}
