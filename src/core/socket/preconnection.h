/* A connection that is made ahead, for a WebSocket that will be wanted.  It
 * carries nothing until that takes it over. */
#ifndef dt_preconnection_h
#define dt_preconnection_h

#include "../flow/connector.h"

#pragma GCC visibility push(hidden)

typedef struct dt_preconnection {
  dt_socket socket; /* first */
  dt_client *client;
  dt_connector *connector; /* owned; NULL: it was taken, or is over */
  char *origin;            /* scheme, host and port of where it leads; owned */
  double until;
} dt_preconnection;

/* Begins to connect to 'origin', to be kept until then.  Returns 0 without
 * memory.  To be called entered, as the others. */
int dt_preconnection_start(dt_preconnection *p);

/* Gives the connection away if it leads to the server of 'url', NULL
 * otherwise.  To be called entered. */
dt_connector *dt_preconnection_take(dt_preconnection *p, const dt_client *c,
                                    const char *url);

/* Gives it up; harmless where it is over. */
void dt_preconnection_drop(dt_preconnection *p);

#pragma GCC visibility pop
#endif
