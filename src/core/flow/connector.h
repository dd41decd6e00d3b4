/* A connection that libcurl makes (names, TCP, proxy, TLS) and then leaves to
 * whoever owns it.  Never calls Lua; to be used in the driver's turn only. */
#ifndef dt_connector_h
#define dt_connector_h

#include <stdbool.h>

#include "client_state.h"
#include "sockets.h"

#pragma GCC visibility push(hidden)

enum { DT_CONNECTOR_READ = 128 * 1024 }; /* bytes read at a time */

typedef enum {
  DT_CONNECTOR_BUSY,
  DT_CONNECTOR_READY, /* connected */
  DT_CONNECTOR_FAILED /* see 'code' and 'error' */
} dt_connector_state;

/* A descriptor that libcurl waits for while it connects. */
typedef struct dt_connector_wait {
  curl_socket_t fd;
  short events;
} dt_connector_wait;

typedef struct dt_connector {
  dt_connector_state state;
  CURLM *multi; /* its own: another transfer in it would close the connection */
  CURL *easy;   /* sends and receives when it is connected */
  dt_connector_wait waits[DT_SOCKET_FDS];
  unsigned wait_count;
  double at; /* when libcurl wants to be called, HUGE_VAL: never */
  curl_socket_t fd;
  CURLcode code;
  long proxy_status; /* with which a proxy refused a tunnel, or 0 */
  int socket_error;  /* errno of a socket that could not be had */
  char error[CURL_ERROR_SIZE];
} dt_connector;

/* Begins to connect to the server of the URL, as the client's requests do, but
 * for HTTP/1.1 and by a tunnel through every proxy.  Writes NULL without
 * memory; what could not be set up is to be freed, too. */
CURLcode dt_connector_new(const dt_client *c, const char *url,
                          dt_connector **connector);

/* Does what can be done at once while it is busy. */
void dt_connector_move(dt_connector *c);

/* As dt_socket's, while it is busy. */
unsigned dt_connector_wait_for(const dt_connector *c, struct curl_waitfd *fds,
                               double *seconds);

/* Whether one that is connected, and on which nothing was said, still is.
 * Also takes what TLS has to say after its handshake. */
bool dt_connector_is_quiet(dt_connector *c);

/* Ends the connection.  NULL is allowed. */
void dt_connector_free(dt_connector *c);

#pragma GCC visibility pop
#endif
