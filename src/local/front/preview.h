#ifndef DL_FRONT_PREVIEW_H
#define DL_FRONT_PREVIEW_H

#include "control/plane.h"
#include "http/http.h"

/* A label of a host name has at most 63 characters. */
#define DL_PREVIEW_REST 64

/* What the first label of a preview's host says: {port}-{rest}. */
typedef struct dl_preview {
  unsigned port;              /* 0 for a number that is no port */
  char rest[DL_PREVIEW_REST]; /* which sandbox, in lower case */
} dl_preview;

#pragma GCC visibility push(hidden)

/* Whether a Host header (NULL: there is none) is a preview's, in any case,
 * with or without a port. `*named` is what it names. */
bool dl_preview_parse(const dl_plane *plane, const char *host,
                      dl_preview *named);

/* The address of a preview, by host name; `port` and `rest` are taken as they
 * are. To be freed. NULL without memory, or where this server has no name. */
char *dl_preview_url(const dl_plane *plane, const char *port, const char *rest);

/* Whether a URL of an application's answer names the application by the host
 * that it sees. `*out` becomes the same place as the visitor sees it. */
bool dl_preview_moves(const dl_plane *plane, const dl_http_request *req,
                      const char *place, dl_strbuf *out);

#pragma GCC visibility pop

#endif
