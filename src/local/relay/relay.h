#ifndef DL_RELAY_H
#define DL_RELAY_H

#include "http/http.h"
#include "strbuf.h"

/* Passes one request on to another server, and its answer back, as they come:
 * bodies of any size in any framing, upgraded connections as bare bytes. It is
 * the state of the request from dl_relay_begin on. */
typedef struct dl_relay {
  int fd;        /* to the other server */
  int client_fd; /* to the client; the library's */
  struct MHD_Connection *connection;
  unsigned idle_seconds;
  int stalled_ms; /* how long the other server may take nothing */
  bool chunked_request;
  bool asks_upgrade;
  bool passes_loss; /* no word from there: none to the client either */
  void (*answers)(dl_http_request *req, const char *name, const char *value);
  bool broken;              /* the server went away while the body was sent */
  bool left;                /* the client went away */
  bool ended;               /* the answer is complete */
  struct dl_record *record; /* of what is passed back; mostly NULL */
  dl_strbuf held;           /* the head, until the body begins */
  dl_strbuf in;             /* received, from `at` on not yet used */
  size_t at;
  enum { DL_RELAY_LENGTH, DL_RELAY_CHUNKED, DL_RELAY_TO_END } framing;
  bool borrows; /* a file may come in the place of the answer's body, see lend.h
                 */
  int file;     /* it, or -1 */
  off_t from;   /* where in it the body begins */
  bool has_length;    /* the answer says how long it is */
  bool unclear;       /* its head can be read in two ways */
  unsigned interim;   /* answers before it */
  uint64_t missing;   /* of the body, or of the present chunk */
  bool chunk_started; /* a chunk's line break is due before the next one */
  bool answered;      /* the head of the answer came after the whole request */
  bool closes;        /* the server ends the connection after it */
  void (*keep)(void *place, int fd);
  void (*leave)(void *place);
  void *place;
} dl_relay;

/* What is asked of the other server. */
typedef struct dl_relay_target {
  int fd;            /* connected; owned from now on */
  const char *path;  /* encoded, with a leading slash, without the query */
  const char *query; /* encoded; NULL: as it came */
  const char *host;
  /* which headers are not passed on; the value may be NULL */
  bool (*drops)(void *arg, const char *header, const char *value);
  void *arg;
  bool passes_loss; /* of a connection that ends without a word; else 502 */
  /* Given the connection where another request may follow the answer; NULL:
   * the server is asked to close it */
  void (*keep)(void *place, int fd);
  void (*leave)(void *place); /* told when all is over, or NULL */
  void *place;
  const char *more; /* further header lines, each with its line break */
  bool borrows;     /* the server is asked to lend files, and may */
  /* Adds a header of the answer to the reply; NULL: dl_http_add_header */
  void (*answers)(dl_http_request *req, const char *name, const char *value);
} dl_relay_target;

#pragma GCC visibility push(hidden)

/* relay.c: the three steps of a route that streams */
void dl_relay_begin(dl_http_request *req, const dl_relay_target *target);
void dl_relay_body(dl_http_request *req, const char *data, size_t len);
void dl_relay_finish(dl_http_request *req);

/* connection.c */
void dl_relay_free(void *relay);
ssize_t dl_relay_receive(dl_relay *r, char *buffer, size_t size);
bool dl_relay_fill(dl_relay *r);
bool dl_relay_is_hop_header(const char *name);

/* reply.c */
unsigned dl_relay_read_head(dl_http_request *req, dl_relay *r);
void dl_relay_reply(dl_http_request *req, dl_relay *r, unsigned status);

/* tunnel.c */
void dl_relay_tunnel(dl_http_request *req);

#pragma GCC visibility pop

#endif
