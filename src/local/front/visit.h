#ifndef DL_FRONT_VISIT_H
#define DL_FRONT_VISIT_H

#include "http/http.h"

/* The port that stands for the toolbox itself. */
#define DL_VISIT_TOOLBOX 2280

/* A request at the door. */
typedef struct dl_visit {
  dl_http_request *req;
  const char *id;   /* of the sandbox */
  unsigned port;    /* whose application is asked; DL_VISIT_TOOLBOX: none */
  bool by_host;     /* a preview by its host name */
  bool by_key;      /* the API key was shown */
  bool by_query;    /* the token that opens it stood in the query */
  bool by_token;    /* the host names a signed preview, which opens it */
  bool signed_file; /* a signature is to open it, and nothing else */
} dl_visit;

#endif
