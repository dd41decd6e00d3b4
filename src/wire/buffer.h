/* A growing byte buffer, which begins as zeros.  The server's strbuf puts text
 * on top of it. */
#ifndef dt_buffer_h
#define dt_buffer_h

#include <stdbool.h>
#include <stddef.h>

#pragma GCC visibility push(hidden)

typedef struct dt_buffer {
  char *data;
  size_t len;
  size_t cap;
  bool failed; /* an append did not fit into memory; sticks until clear */
} dt_buffer;

/* Makes room for 'n' more bytes.  Without memory: sets 'failed', returns false;
 * so do those that append. */
bool dt_buffer_reserve(dt_buffer *b, size_t n);

/* Appends 'n' bytes. */
bool dt_buffer_add(dt_buffer *b, const void *bytes, size_t n);

/* Appends a C string. */
bool dt_buffer_adds(dt_buffer *b, const char *s);

/* Appends one byte. */
bool dt_buffer_addc(dt_buffer *b, char c);

/* Appends 'n' bytes percent-encoded; only RFC 3986 unreserved bytes stay. */
bool dt_buffer_addescaped(dt_buffer *b, const char *s, size_t n);

/* Terminates the contents with a NUL that does not count. */
bool dt_buffer_terminate(dt_buffer *b);

/* Empties the buffer and keeps its memory. */
void dt_buffer_clear(dt_buffer *b);

/* Gives the memory back. */
void dt_buffer_free(dt_buffer *b);

#pragma GCC visibility pop
#endif
