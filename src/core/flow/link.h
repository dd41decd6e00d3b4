/* The connections of a driver's CURLM: which request went out on which, what
 * HTTP/2 said there of requests it will not process, and since when nothing has
 * been heard. */
#ifndef dt_link_h
#define dt_link_h

#include <stdbool.h>

#include "driver_state.h"

#pragma GCC visibility push(hidden)

struct dt_link {
  dt_list_node list; /* the driver's */
  dt_driver *driver;
  int fd;
  int local_port, remote_port; /* 0: not asked for yet */
  char remote[46];
  unsigned peer;   /* what connections to the same server have in common */
  double sent_at;  /* when the last request went out on it */
  int requests;    /* that went out on it */
  int is_http2;    /* as far as is known */
  bool has_goaway; /* the server takes no more streams than this: */
  long last_stream;
  bool ended; /* the server has said that nothing follows */
  int lost;   /* it was given up */
  /* Of pulse.c: */
  char *origin; /* for a probe */
  struct dt_probe *probe;
  double patience; /* seconds of silence until the next */
  int live;        /* transfers on it, when it was counted last */
  int doubted;     /* a request on it had no answer in its time */
};

/* See probe.h. */
typedef struct dt_probe {
  dt_transfer transfer;
  struct dt_probe *next; /* of the driver's */
  dt_link *link;         /* NULL: closed meanwhile */
  double at;             /* when it was sent; 0: not yet */
  double started_at;
  int socket_error; /* see dt_handle_open_socket */
} dt_probe;

/* Seconds between two looks at the links of a driver. */
static inline double dt_link_interval(const dt_driver *d) {
  return d->silence < 10 ? d->silence / 10 : 1;
}

/* Sets what makes an easy handle tell of its connections. */
CURLcode dt_link_observe(dt_driver *d, CURL *easy);

/* A number for the other end of a connection, as links have it. */
unsigned dt_link_peer(int fd);

/* A request of 't' to this URL goes out on the connection with these ends. */
void dt_link_sending(dt_driver *d, dt_transfer *t, const char *remote,
                     int remote_port, int local_port, const char *url);

/* Whether the server has said, by GOAWAY or by refusing the stream, that it did
 * not process what 't' sent last.  'problem': what libcurl says went wrong. */
bool dt_link_was_refused(const dt_transfer *t, const char *problem);

/* For CURLOPT_DEBUGFUNCTION; DEBUGDATA is the transfer. */
int dt_link_on_debug(CURL *easy, curl_infotype type, char *data, size_t n,
                     void *transfer);

/* Seconds since bytes came in; negative: not known. */
double dt_link_silence(const dt_link *l);

/* Whether for 'seconds' TCP itself has had no answer to what was sent. */
bool dt_link_is_unacknowledged(const dt_link *l, double seconds);

/* Notes whether it is doubted. */
void dt_link_doubt(dt_link *l, int doubted);

/* Frees those that are left when the CURLM is gone: libcurl closes a socket
 * that never connected without a word. */
void dt_link_free_all(dt_driver *d);

/* Whether bytes came in that nobody has read, or its end. */
bool dt_link_has_input(const dt_link *l);

/* Whether a request may go out on it, which is noted: not on one that is given
 * up, nor over HTTP/1.1 where something came before anything was asked. */
bool dt_link_is_fit(const dt_link *l);

/* Gives up one that carries nothing: bytes that came in are no answer. */
void dt_link_drop(dt_link *l);

/* Gives it up: its transfers see the end of the connection. */
void dt_link_lose(dt_link *l);

#pragma GCC visibility pop
#endif
