/* A parser of multipart bodies that takes them in pieces of any size.  It runs
 * inside libcurl's callbacks, so it knows no Lua; what it holds is bounded. */
#ifndef dt_multipart_h
#define dt_multipart_h

#include "buffer.h"
#include "libcurl.h"

#pragma GCC visibility push(hidden)

enum { DT_MULTIPART_BOUNDARY = 200 };

/* What the parser tells; 'arg' is the one given to dt_multipart_open. */
typedef struct dt_multipart_events {
  /* A part begins; 'head' holds its header lines.  Returns the bytes that the
   * body has, or -1 if only the next boundary tells. */
  curl_off_t (*begin)(void *arg, const char *head, size_t n);
  /* Bytes of its body. */
  void (*data)(void *arg, const char *bytes, size_t n);
  /* It ended; 'problem' says why it is not complete, NULL if it is. */
  void (*end)(void *arg, const char *problem);
} dt_multipart_events;

typedef enum {
  DT_MULTIPART_SCAN,    /* until the next boundary */
  DT_MULTIPART_COUNTED, /* a body of known length */
  DT_MULTIPART_TAIL,    /* the boundary that has to follow it */
  DT_MULTIPART_HEAD,    /* from a boundary to the empty line */
  DT_MULTIPART_ENDED    /* after the closing boundary, or past repair */
} dt_multipart_state;

typedef struct dt_multipart {
  const dt_multipart_events *events;
  void *arg;
  dt_multipart_state state;
  char delimiter[DT_MULTIPART_BOUNDARY + 8]; /* CR LF -- boundary */
  size_t length;                             /* of the delimiter */
  size_t matched;                            /* bytes of it seen last */
  curl_off_t left;                           /* of a counted body */
  dt_buffer head;
  int open;   /* a part has begun and not ended */
  int closed; /* the closing boundary was seen */
} dt_multipart;

/* Makes a parser for the answer's content type; returns 0 if that is not
 * multipart with a boundary. */
int dt_multipart_open(dt_multipart *m, const char *content_type,
                      const dt_multipart_events *events, void *arg);

/* Takes the next bytes. */
void dt_multipart_feed(dt_multipart *m, const char *bytes, size_t n);

/* The body is over: a part that is still open ends with a problem.  Returns
 * whether the closing boundary was seen. */
int dt_multipart_finish(dt_multipart *m);

/* Gives the memory back. */
void dt_multipart_close(dt_multipart *m);

#pragma GCC visibility pop
#endif
