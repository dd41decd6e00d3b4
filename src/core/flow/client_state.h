/* What a client is: configuration, headers, the driver.  Its functions for Lua
 * are in lua/client.h. */
#ifndef dt_client_state_h
#define dt_client_state_h

#include <stdbool.h>

#include "../../wire/buffer.h"
#include "driver_state.h"

#pragma GCC visibility push(hidden)

/* Headers of a request, by its body.  libcurl would announce a body of 1 MiB
 * and more by "Expect: 100-continue" and lose a second on servers that do not
 * answer that. */
typedef enum {
  DT_HEADERS_PLAIN,  /* no body */
  DT_HEADERS_JSON,   /* with a JSON content type */
  DT_HEADERS_LARGE,  /* JSON, not announced */
  DT_HEADERS_UPLOAD, /* anything, not announced */
  DT_HEADER_LISTS
} dt_header_list;

enum { DT_ANNOUNCED_BODY = 1024 * 1024 };

enum { DT_DATE_SIZE = 40 };

typedef struct dt_client {
  dt_driver driver;
  char *api_url; /* without trailing slash */
  char *token;   /* key or JWT; never shown */
  char *ca_file;
  char *ca_source; /* which option or variable named it */
  struct curl_slist *headers[DT_HEADER_LISTS];
  long connect_timeout; /* ms */
  size_t max_response;  /* bytes of an answer kept in memory */
  int allow_http;       /* the credential may go unencrypted to anywhere */
  dt_buffer url, body;  /* memory lent to the next request */
  dt_buffer passed;     /* URL, up to its path, that the credential may go to */
  int passed_way;       /* of it, see dt_route_way */
  char date[DT_DATE_SIZE]; /* header Date of the last answer */
  double dated;            /* when it was taken, as core.now() tells it */
  char *warmed; /* the server last connected to ahead, see warmup.h; when */
  double warmed_at;
  struct dt_request *spare; /* memory of a request that has ended, or NULL */
  int no_http1;             /* a server speaks HTTP/2 only */
  bool closed;
} dt_client;

/* Whether it belongs to the process this one was forked from.  Its connections
 * are in use there, so neither they nor what libcurl knows of them are to be
 * touched: a farewell of TLS would end them. */
bool dt_client_is_foreign(const dt_client *c);

/* Notes the header Date, DT_DATE_SIZE bytes, of an answer that is taken. */
void dt_client_note_date(dt_client *c, const char *date);

/* Whether the credential may be sent to the URL: https, or this machine. */
int dt_client_may_send(const dt_client *c, const char *url);

#pragma GCC visibility pop
#endif
