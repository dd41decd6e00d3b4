/* Bytes that go in at the end and out at the front. */
#ifndef dt_queue_h
#define dt_queue_h

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Empty when all zero.  What is in it: 'length' bytes from 'data + head'. */
typedef struct dt_queue {
  char *data;
  size_t head, length, capacity;
} dt_queue;

/* Makes room for 'n' bytes at the end and returns where to write them; after
 * that, dt_queue_added counts them.  NULL without memory. */
char *dt_queue_room(dt_queue *q, size_t n);
void dt_queue_added(dt_queue *q, size_t n);

/* Appends bytes; returns whether there was memory. */
int dt_queue_add(dt_queue *q, const void *bytes, size_t n);

/* The first byte; only if there is one. */
const char *dt_queue_first(const dt_queue *q);

/* Takes 'n' bytes away at the front. */
void dt_queue_drop(dt_queue *q, size_t n);

/* Gives the memory back. */
void dt_queue_free(dt_queue *q);

#pragma GCC visibility pop
#endif
