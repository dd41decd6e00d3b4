/* The files of a multipart answer: each goes to memory or to a temporary file
 * of its own.  Fed from libcurl's callbacks, so nothing here knows Lua. */
#ifndef dt_parts_h
#define dt_parts_h

#include <stdbool.h>

#include "body.h"
#include "../../wire/multipart.h"

#pragma GCC visibility push(hidden)

/* One file that was asked for. */
typedef struct dt_part {
  char *source; /* path as it was asked for, owned */
  size_t length;
  char *destination; /* local path, owned; NULL: memory */
  dt_sink sink;
  bool seen;           /* a part of the answer was about it */
  bool complete;       /* all of it was received */
  bool is_error;       /* the sink holds the server's reason */
  const char *problem; /* why it is not complete */
} dt_part;

typedef struct dt_parts {
  dt_part *list;
  size_t count;
  size_t next;      /* where the next part is looked for first */
  size_t finished;  /* parts that ended complete */
  dt_part *current; /* being received, or NULL */
  char *beneath;    /* what destinations are relative to, owned, or NULL */
  size_t room;      /* bytes that may still be kept in memory */
  dt_buffer name;   /* scratch */
  dt_multipart parser;
  bool started;
  bool is_multipart;
} dt_parts;

/* Makes room for 'count' files, all empty; 'limit' bounds what is kept in
 * memory.  NULL without memory. */
dt_parts *dt_parts_new(size_t count, size_t limit);

/* Says below which directory destinations are, where no symbolic link is
 * followed.  Copies it.  Returns 0 without memory. */
int dt_parts_set_beneath(dt_parts *p, const char *beneath);

/* Says what file 'i' is; 'destination' NULL or "" for memory.  Copies both.
 * Returns 0 without memory. */
int dt_parts_set(dt_parts *p, size_t i, const char *source, size_t n,
                 const char *destination);

/* Takes bytes of the answer, whose content type is given. */
void dt_parts_write(dt_parts *p, const char *content_type, const char *bytes,
                    size_t n);

/* The answer is over. */
void dt_parts_finish(dt_parts *p);

/* Frees it with all files that were not moved to their final paths; NULL is
 * nothing. */
void dt_parts_free(dt_parts *p);

#pragma GCC visibility pop
#endif
