#include "inbox.h"

#include <string.h>

/* Puts the bytes at the end of the last part, if they belong there. */
static int join(dt_inbox *in, const char *data, size_t n, int final) {
  dt_inbox_part part;
  if (in->bytes.length == 0)
    return 0;
  size_t at = in->bytes.length - in->last;
  memcpy(&part, dt_queue_first(&in->bytes) + at, sizeof part);
  if (part.final || part.length + n > DT_INBOX_PART ||
      !dt_queue_add(&in->bytes, data, n))
    return 0;
  part.length += n;
  part.final = final;
  memcpy(in->bytes.data + in->bytes.head + at, &part, sizeof part);
  in->last += n;
  return 1;
}

int dt_inbox_add(dt_inbox *in, dt_frames_kind kind, const char *data, size_t n,
                 int final) {
  const dt_inbox_part part = {.length = n, .kind = kind, .final = final};
  if (join(in, data, n, final))
    return 1;
  char *to = dt_queue_room(&in->bytes, sizeof part + n);
  if (!to)
    return 0;
  memcpy(to, &part, sizeof part);
  if (n > 0)
    memcpy(to + sizeof part, data, n);
  in->last = sizeof part + n;
  dt_queue_added(&in->bytes, in->last);
  return 1;
}

const char *dt_inbox_first(const dt_inbox *in, dt_inbox_part *part) {
  if (in->bytes.length == 0)
    return NULL;
  const char *first = dt_queue_first(&in->bytes);
  memcpy(part, first, sizeof *part);
  return first + sizeof *part;
}

void dt_inbox_drop(dt_inbox *in) {
  dt_inbox_part part;
  if (dt_inbox_first(in, &part))
    dt_queue_drop(&in->bytes, sizeof part + part.length);
}
