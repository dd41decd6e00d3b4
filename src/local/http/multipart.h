#ifndef DL_HTTP_MULTIPART_H
#define DL_HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

/* A reader of multipart/form-data bodies in bounded memory: names and file
 * names on top of wire/multipart. Unlike the HTTP library's post processor it
 * tells where a part ends and whether the closing boundary was there, which
 * decides if an upload is complete. */

typedef struct dl_multipart dl_multipart;

typedef struct dl_multipart_events {
  /* A part starts; `filename` is NULL where the part has none. */
  void (*begin)(void *arg, const char *name, const char *filename);
  void (*data)(void *arg, const char *data, size_t len);
  void (*end)(void *arg);
} dl_multipart_events;

#pragma GCC visibility push(hidden)

/* Whether a Content-Type (may be NULL) is a multipart form. */
bool dl_multipart_is(const char *content_type);

/* A reader for a body of this Content-Type. `events` and `arg` must outlive
 * it. NULL if the type is no multipart form with a usable boundary, or without
 * memory. */
dl_multipart *dl_multipart_new(const char *content_type,
                               const dl_multipart_events *events, void *arg);

/* Reads the next piece of the body; the events happen inside. */
void dl_multipart_feed(dl_multipart *mp, const char *data, size_t len);

/* Whether the closing boundary was read. */
bool dl_multipart_complete(const dl_multipart *mp);

/* Whether the body read so far ends inside the content of a part. */
bool dl_multipart_inside_part(const dl_multipart *mp);

/* Why the body cannot be read any further, or NULL. */
const char *dl_multipart_error(const dl_multipart *mp);

/* Frees the reader (NULL is fine). An unfinished part gets no `end`. */
void dl_multipart_free(dl_multipart *mp);

#pragma GCC visibility pop

#endif
