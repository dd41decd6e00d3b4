/* The two streams of a command's output in one: a marker, three equal bytes,
 * says to which stream the bytes after it belong.
 *
 * The format has no escapes, so three such bytes in the output itself look
 * like a marker.  The writer here keeps them apart by markers that change
 * nothing (a change of the stream and back), which every reader understands
 * that looks for markers from the left.  Another writer may not: a reader then
 * takes such bytes for a marker, for nothing tells them from one. */
#ifndef dt_markers_h
#define dt_markers_h

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* The values are the bytes of the markers. */
enum {
  DT_MARKERS_NONE = 0, /* before the first marker */
  DT_MARKERS_STDOUT = 1,
  DT_MARKERS_STDERR = 2
};

/* A reader or a writer at its place in the stream.  All zero at the start. */
typedef struct dt_markers {
  int stream;
  int byte;     /* of which the last 'run' bytes were, if 'run' is not 0 */
  unsigned run; /* at most 2: bytes that may be the start of a marker */
} dt_markers;

/* Bytes, and the stream they belong to (for a reader). */
typedef struct dt_markers_piece {
  int stream;
  const char *data;
  size_t length;
} dt_markers_piece;

/* Reads: takes bytes from '*data' (advancing it and '*length') and gives the
 * next piece of a stream, never an empty one.  Returns 0 when all bytes are
 * taken.  Only bytes that may be the start of a marker are kept for later.
 * The piece points into '*data' or to constants. */
int dt_markers_read(dt_markers *m, const char **data, size_t *length,
                    dt_markers_piece *piece);

/* The end of what is read: gives what was kept, which is no marker after all.
 * Returns 0 if there was nothing.  The reader is then as at the start. */
int dt_markers_end(dt_markers *m, dt_markers_piece *piece);

/* Writes: takes bytes of 'stream' (DT_MARKERS_STDOUT or _STDERR) like
 * dt_markers_read, and gives the next piece of what is to be written.  Returns
 * 0 when all bytes are taken. */
int dt_markers_write(dt_markers *m, int stream, const char **data,
                     size_t *length, dt_markers_piece *piece);

#pragma GCC visibility pop
#endif
