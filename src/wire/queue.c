#include "queue.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
  SMALLEST = 1024,
  KEPT = 256 * 1024 /* an empty queue does not hold more */
};

char *dt_queue_room(dt_queue *q, size_t n) {
  if (n > SIZE_MAX / 4 - q->length)
    return NULL;
  if (n <= q->capacity - q->head - q->length)
    return q->data + q->head + q->length;
  /* Fewer bytes are moved to the front than were taken since the last move. */
  if (q->length < q->head && q->length + n <= q->capacity) {
    memcpy(q->data, q->data + q->head, q->length);
    q->head = 0;
    return q->data + q->length;
  }
  size_t capacity = q->capacity ? q->capacity : SMALLEST;
  while (capacity < q->length + n)
    capacity *= 2;
  char *data = malloc(capacity);
  if (!data)
    return NULL;
  if (q->length > 0)
    memcpy(data, q->data + q->head, q->length);
  free(q->data);
  q->data = data;
  q->capacity = capacity;
  q->head = 0;
  return data + q->length;
}

void dt_queue_added(dt_queue *q, size_t n) {
  q->length += n;
}

int dt_queue_add(dt_queue *q, const void *bytes, size_t n) {
  char *to = n > 0 ? dt_queue_room(q, n) : NULL;
  if (!to)
    return n == 0;
  memcpy(to, bytes, n);
  q->length += n;
  return 1;
}

const char *dt_queue_first(const dt_queue *q) {
  return q->data + q->head;
}

void dt_queue_drop(dt_queue *q, size_t n) {
  q->head += n;
  q->length -= n;
  if (q->length > 0)
    return;
  q->head = 0;
  if (q->capacity > KEPT)
    dt_queue_free(q);
}

void dt_queue_free(dt_queue *q) {
  free(q->data);
  *q = (dt_queue){0};
}
