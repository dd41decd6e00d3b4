#ifndef DL_FRONT_VISIT_H
#define DL_FRONT_VISIT_H

#include "../strbuf.h"
#include "http/http.h"

/* The port that stands for the toolbox itself. */
#define DL_VISIT_TOOLBOX 2280

/* A request at the door. */
typedef struct dl_visit {
  dl_http_request *req;
  const char *id;   /* of the sandbox */
  unsigned port;    /* whose application is asked; DL_VISIT_TOOLBOX: none */
  bool by_host;     /* a preview by its host name */
  bool by_query;    /* the token that opens it stood in the query */
  bool by_token;    /* the host names a signed preview, which opens it */
  bool signed_file; /* a signature is to open it, and nothing else */
} dl_visit;

#pragma GCC visibility push(hidden)

/* credentials.c says who may come in. visit.c keeps here what was shown. */
bool dl_visit_next_cookie(const char **list, const char **cookie, size_t *len);
bool dl_visit_drops(void *visit, const char *header);
int dl_visit_add_query(dl_strbuf *out, const char *query);
int dl_visit_add_headers(dl_strbuf *out, const dl_visit *visit);

#pragma GCC visibility pop

#endif
