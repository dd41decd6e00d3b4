#include "markers.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LENGTH 3 /* of a marker */

static const char markers[][LENGTH + 1] = {"", "\1\1\1", "\2\2\2"};

static bool is_special(char c) {
  return c == DT_MARKERS_STDOUT || c == DT_MARKERS_STDERR;
}

/* Has a high bit if, and only if, one of the eight bytes is 0. */
static uint64_t zeros(uint64_t word) {
  return (word - UINT64_C(0x0101010101010101)) & ~word;
}

/* Whether any of the 'n' bytes at 'p', a multiple of eight, may belong to a
 * marker.  Eight are looked at together. */
static bool has_special(const char *p, int n) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  uint64_t found = 0, word;
  for (int i = 0; i < n; i += 8) {
    memcpy(&word, p + i, 8);
    found |= zeros(word ^ ones * DT_MARKERS_STDOUT) |
             zeros(word ^ ones * DT_MARKERS_STDERR);
  }
  return (found & (ones << 7)) != 0;
}

/* The first byte in [p, end) that may belong to a marker, or 'end'.  Output is
 * long and hardly has any. */
static const char *find_special(const char *p, const char *end) {
  for (;;) {
    while (end - p >= 64 && !has_special(p, 64))
      p += 64;
    while (end - p >= 8 && !has_special(p, 8))
      p += 8;
    size_t left = end - p < 8 ? (size_t)(end - p) : 8;
    for (; left > 0; left--, p++) {
      if (is_special(*p))
        return p;
    }
    if (p == end)
      return end;
  }
}

/* The first marker in [p, end), or 'end'. */
static const char *find_marker(const char *p, const char *end) {
  for (p = find_special(p, end); end - p >= LENGTH;
       p = find_special(p + 1, end)) {
    if (p[1] == p[0] && p[2] == p[0])
      return p;
  }
  return end;
}

/* How many bytes at the end of [p, end) are the start of a marker. */
static unsigned start_of_marker(const char *p, const char *end) {
  if (p == end || !is_special(end[-1]))
    return 0;
  return end - p >= 2 && end[-2] == end[-1] ? 2 : 1;
}

static int give(dt_markers_piece *piece, int stream, const char *data,
                size_t length) {
  piece->stream = stream;
  piece->data = data;
  piece->length = length;
  return 1;
}

static void take(const char **data, size_t *length, size_t n) {
  *data += n;
  *length -= n;
}

int dt_markers_end(dt_markers *m, dt_markers_piece *piece) {
  dt_markers was = *m;
  memset(m, 0, sizeof *m);
  return was.run > 0 && give(piece, was.stream, markers[was.byte], was.run);
}

int dt_markers_read(dt_markers *m, const char **data, size_t *length,
                    dt_markers_piece *piece) {
  while (*length > 0) {
    const char *end = *data + *length, *to;
    if (m->run > 0) {
      if (**data != m->byte) {
        unsigned run = m->run;
        m->run = 0;
        return give(piece, m->stream, markers[m->byte], run);
      }
      take(data, length, 1);
      if (++m->run == LENGTH) {
        m->stream = m->byte;
        m->run = 0;
      }
      continue;
    }
    to = find_marker(*data, end);
    if (to == end) {
      m->run = start_of_marker(*data, end);
      m->byte = end[-1];
      to -= m->run;
    }
    give(piece, m->stream, *data, (size_t)(to - *data));
    if (to < end && m->run == 0) {
      m->stream = *to;
      to += LENGTH;
    }
    else
      to = end;
    take(data, length, (size_t)(to - *data));
    if (piece->length > 0)
      return 1;
  }
  return 0;
}

/* Writes a marker, so that the bytes before it cannot become part of one. */
static int give_marker(dt_markers *m, int stream, dt_markers_piece *piece) {
  m->stream = stream;
  m->run = 0;
  return give(piece, stream, markers[stream], LENGTH);
}

int dt_markers_write(dt_markers *m, int stream, const char **data,
                     size_t *length, dt_markers_piece *piece) {
  const int other = DT_MARKERS_STDOUT + DT_MARKERS_STDERR - stream;
  const char *end = *data + *length, *to;
  if (*length == 0)
    return 0;
  /* After bytes equal to its own, a reader would see the marker too early. */
  if (m->stream != stream)
    return give_marker(m, m->run > 0 && m->byte == stream ? m->stream : stream,
                       piece);
  if (m->run > 0 && **data == m->byte) {
    if (m->run == LENGTH - 1)
      return give_marker(m, m->byte == stream ? other : stream, piece);
    to = *data + 1;
    m->run++;
  }
  else {
    to = find_marker(*data, end);
    if (to < end)
      to += LENGTH - 1;
    m->run = start_of_marker(*data, to);
    m->byte = to[-1];
  }
  give(piece, stream, *data, (size_t)(to - *data));
  take(data, length, piece->length);
  return 1;
}
