/* Userdata daytona.request: one transfer.  It is a pointer, born NULL, to
** memory that goes back to the client as soon as the result is taken, long
** before the collector comes. */
#ifndef dt_request_h
#define dt_request_h

#include "lua_compat.h"
#include "../bytes/body.h"
#include "client.h"
#include "../table/operations.h"
#include "../bytes/parts.h"
#include "../bytes/rate_limit.h"
#include "class.h"

#pragma GCC visibility push(hidden)

extern const dt_class dt_request_class;

/* User values of a request. */
enum { DT_REQUEST_CLIENT = 1, DT_REQUEST_CONTENT, DT_REQUEST_VALUES = 2 };

/* libcurl 7.88 bounds only a single line of a head. */
enum { DT_HEADER_BYTES = 256 * 1024 };

typedef struct dt_request {
  dt_transfer transfer; /* first: the driver knows only this */
  dt_client *client;    /* kept alive by a user value */
  CURL *bound; /* handle whose options point here, while it is not in use */
  const dt_operation *operation;
  char *method; /* of a free request (operation "client.request") */
  /* URL and body.  The client lends the memory; it belongs to the request
  ** from the first byte on, because a finalizer may start another request of
  ** the same client while this one is being built. */
  dt_buffer url, body;
  size_t base_length; /* of the part of 'url' before the operation's path */
  int sendings;       /* how often libcurl set out to send it */
  int not_resent;     /* it was lost, and not sent again: see on_send */
  curl_mime *mime;
  struct curl_slist *headers; /* own ones, instead of the client's */
  dt_source source;           /* with 'sources' only counts for all of them */
  dt_source *sources;         /* of a DT_UPLOADS row, owned */
  size_t source_count;
  dt_sink sink;         /* the body of a success */
  dt_parts *parts;      /* the same of a DT_PARTS row, owned */
  dt_checksum checksum; /* of source or sink */
  char range[64];       /* bytes wanted of a file, "" for all of it */
  curl_off_t offset;    /* where they begin, and where the answer's do */
  curl_off_t begins;
  curl_off_t file_size; /* what Content-Range says; -1: nothing */
  int other_bytes;      /* the server sent others than were asked for */
  int is_page;          /* a page for people came in the place of a file */
  int watched;          /* Lua wants to know when bytes have moved */
  curl_off_t told;      /* bytes that it knows of */
  dt_buffer error_body; /* that of a failure, bounded */
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
  int cancelled;
  int apart;    /* its body goes by HTTP/1.1 beside HTTP/2 */
  long timeout; /* ms; 0: none */
  int refused;  /* the server has said that it did not process it */
  int late;     /* the deadline had passed before it started */
  int busy;     /* result was called */
} dt_request;

/* The request at 'index', which has not ended; raises for anything else. */
dt_request *dt_request_check(lua_State *L, int index);

/* Frees the memory that the client keeps for its next request. */
void dt_request_free_spare(dt_client *c);

/* Around work with what the driver uses while the transfer is live; nothing
** between the two may raise. */
void dt_request_enter(dt_request *r);
void dt_request_leave(dt_request *r);

/* Makes it what a request is before anything is done for it. */
void dt_request_init(dt_request *r, dt_client *c, const dt_operation *op);

/* Borrows the client's buffers, checks the table at 'params' against the row
** and fills URL and body; 'sandbox' is the index of a handle or nil.  Raises
** for anything the row does not allow. */
void dt_request_encode(lua_State *L, dt_request *r, int params, int sandbox);

/* Whether the credential may go to the request's URL. */
int dt_request_may_send(dt_request *r);

/* Pushes nil and the error of one that may not. */
int dt_request_refuse(lua_State *L, dt_request *r, int sandbox);

/* Gives the memory of URL and body back to the client. */
void dt_request_give_back(dt_request *r);

/* client:send(operation, params [, sandbox [, seconds]]) -> request */
int dt_request_send(lua_State *L);

#pragma GCC visibility pop
#endif
