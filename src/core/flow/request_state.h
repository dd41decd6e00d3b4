/* What a request is: one transfer, what it sends and what came. */
#ifndef dt_request_state_h
#define dt_request_state_h

#include <stdbool.h>

#include "../bytes/body.h"
#include "../bytes/parts.h"
#include "../bytes/rate_limit.h"
#include "../table/operations.h"
#include "client_state.h"

#pragma GCC visibility push(hidden)

/* libcurl 7.88 bounds only a single line of a head. */
enum { DT_HEADER_BYTES = 256 * 1024 };

typedef struct dt_request {
  dt_transfer transfer; /* first: the driver knows only this */
  dt_client *client;    /* kept alive by a user value */
  CURL *bound;   /* handle whose options point here, while it is not in use */
  int bound_way; /* that its options are for, see dt_route_way */
  int way;       /* of 'url' */
  const dt_operation *operation;
  char *method; /* of a custom request (operation "client.request") */
  /* URL and body.  The client lends the memory; it belongs to the request
   * from the first byte on, because a finalizer may start another request of
   * the same client while this one is being built. */
  dt_buffer url, body;
  size_t base_length; /* of the part of 'url' before the operation's path */
  int sendings;       /* how often libcurl set out to send it */
  int not_resent;     /* it was lost, and not sent again: see on_send */
  int unfit;          /* its connection was, and it was not sent: the same */
  curl_mime *mime;
  struct curl_slist *headers; /* own ones, instead of the client's */
  dt_source source;           /* with 'sources' only counts for all of them */
  dt_source *sources;         /* of a DT_UPLOADS row, owned */
  size_t source_count;
  dt_sink sink;         /* the body of a success */
  dt_parts *parts;      /* the same of a DT_PARTS row, owned */
  dt_sink *saved;       /* file of a DT_SAVES row, owned, or NULL */
  dt_checksum checksum; /* of source or sink */
  char range[64];       /* bytes wanted of a file, "" for all of it */
  curl_off_t offset;    /* where they begin, and where the answer's do */
  curl_off_t begins;
  curl_off_t file_size;      /* what Content-Range says; -1: nothing */
  int other_bytes;           /* the server sent others than were asked for */
  bool is_page;              /* a page for people came in the place of a file */
  int observed;              /* Lua wants to know when bytes have moved */
  curl_off_t moved_reported; /* bytes that it knows of */
  dt_buffer error_body;      /* that of a failure, bounded */
  dt_buffer head; /* of a DT_EXCHANGE row: the lines of the answer's */
  size_t header_bytes;
  double retry_after; /* seconds, negative: not said */
  dt_rate_limits limits;
  const struct dt_answer *answer; /* of a WebSocket; libcurl saw none */
  char request_id[80];            /* X-Request-Id */
  char type[80];                  /* content type, once libcurl is done */
  long proxy_status;              /* what a proxy answered to CONNECT, or 0 */
  int socket_error;               /* errno of a socket that could not be had */
  char date[DT_DATE_SIZE];        /* Date */
  char error[CURL_ERROR_SIZE];
  int plain; /* nothing special set on the easy handle: keep it */
  int raw;   /* the answer is wanted as bytes */
  bool cancelled;
  int apart;    /* its body goes by HTTP/1.1 beside HTTP/2 */
  long timeout; /* ms; 0: none */
  int refused;  /* the server has said that it did not process it */
  int late;     /* the deadline had passed before it started */
  int busy;     /* result was called */
} dt_request;

#pragma GCC visibility pop
#endif
