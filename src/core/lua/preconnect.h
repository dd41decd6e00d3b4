/* Userdata daytona.core.preconnection: a connection to the toolbox of a sandbox
** that is made ahead, while another request is under way, for a WebSocket that
** will be wanted then.  It carries nothing until that takes it over; one that
** nobody takes is closed with its owner, or after a while. */
#ifndef dt_preconnect_h
#define dt_preconnect_h

#include "class.h"
#include "../flow/connector.h"

#pragma GCC visibility push(hidden)

extern const dt_class dt_preconnection_class;

typedef struct dt_preconnection {
  dt_socket socket; /* first */
  dt_client *client;
  dt_connector *connector; /* owned; NULL: it was taken, or is over */
  char *origin;            /* scheme, host and port of where it leads; owned */
  double until;
} dt_preconnection;

/* client:preconnect(sandbox [, seconds]) -> preconnection; nil if it is not
** known where the toolbox is, or the client may not send anything there.  It is
** kept for so long (60) after it was begun. */
int dt_client_preconnect(lua_State *L);

/* Gives the connection away if it leads to the server of 'url', NULL
** otherwise.  To be called entered. */
dt_connector *dt_preconnection_take(dt_preconnection *p, const dt_client *c,
                                    const char *url);

#pragma GCC visibility pop
#endif
