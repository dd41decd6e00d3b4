/* A parser of multipart bodies that takes them in pieces of any size: answers
 * for the client, uploads for the server.  It holds the header lines of one
 * part, at most 64 KiB, and nothing of the bodies. */
#ifndef dt_multipart_h
#define dt_multipart_h

#include <stdbool.h>

#include "buffer.h"

#pragma GCC visibility push(hidden)

enum { DT_MULTIPART_BOUNDARY = 200 };

/* What the parser tells; 'arg' is the one given to dt_multipart_open. */
typedef struct dt_multipart_events {
  /* A part begins; 'head' holds its header lines.  Returns the bytes that the
   * body has, or -1 if only the next boundary tells. */
  long long (*begin)(void *arg, const char *head, size_t n);
  /* Bytes of its body. */
  void (*data)(void *arg, const char *bytes, size_t n);
  /* It ended; 'problem' says why it is not complete, NULL if it is. */
  void (*end)(void *arg, const char *problem);
  /* Whether a boundary with more on its line is content, as of an upload; else
   * nothing is read after it. */
  bool longer_line_is_content;
} dt_multipart_events;

typedef enum {
  DT_MULTIPART_SCAN,    /* until the next boundary */
  DT_MULTIPART_COUNTED, /* a body of known length */
  DT_MULTIPART_TAIL,    /* the boundary that has to follow it */
  DT_MULTIPART_LINE,    /* the rest of a boundary's line */
  DT_MULTIPART_HEAD,    /* the header lines, to the empty line */
  DT_MULTIPART_ENDED    /* after the closing boundary, or past repair */
} dt_multipart_state;

typedef struct dt_multipart {
  const dt_multipart_events *events;
  void *arg;
  dt_multipart_state state;
  char delimiter[DT_MULTIPART_BOUNDARY + 8]; /* CR LF -- boundary */
  size_t length;                             /* of the delimiter */
  size_t matched;                            /* bytes of it seen last */
  long long left;                            /* of a counted body */
  dt_buffer head;
  bool open;         /* a part has begun and not ended */
  bool closed;       /* the closing boundary was seen */
  const char *error; /* why nothing more is read, or NULL */
} dt_multipart;

/* Makes a parser for a body of that content type (may be NULL); 'events' and
 * 'arg' must outlive it.  Returns false if the type is not multipart with a
 * usable boundary; there is nothing to close then. */
bool dt_multipart_open(dt_multipart *m, const char *content_type,
                       const dt_multipart_events *events, void *arg);

/* Takes the next bytes; the events happen inside. */
void dt_multipart_feed(dt_multipart *m, const char *bytes, size_t n);

/* The body is over: a part that is still open ends with a problem.  Returns
 * whether the closing boundary was seen. */
bool dt_multipart_finish(dt_multipart *m);

/* Gives the memory back. */
void dt_multipart_close(dt_multipart *m);

#pragma GCC visibility pop
#endif
