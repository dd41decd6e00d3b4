#ifndef DL_FRONT_PREVIEW_H
#define DL_FRONT_PREVIEW_H

#include "../control/plane.h"
#include "http/http.h"

/* A label of a host name has at most 63 characters. */
#define DL_PREVIEW_REST 64

/* What the first label of a preview's host says: {port}-{rest}. */
typedef struct dl_preview {
  unsigned port;              /* 0 for a number that is no port */
  char rest[DL_PREVIEW_REST]; /* which sandbox, in lower case */
} dl_preview;

#pragma GCC visibility push(hidden)

bool dl_preview_parse(const dl_plane *plane, const char *host,
                      dl_preview *named);
char *dl_preview_url(const dl_plane *plane, const char *port, const char *rest);
bool dl_preview_moves(const dl_plane *plane, const dl_http_request *req,
                      const char *place, dl_strbuf *out);

#pragma GCC visibility pop

#endif
