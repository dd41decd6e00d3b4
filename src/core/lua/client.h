/* Userdata daytona.client: configuration, headers, the driver. */
#ifndef dt_client_h
#define dt_client_h

#include "lua_compat.h"
#include "../bytes/buffer.h"
#include "../flow/driver.h"
#include "class.h"

#pragma GCC visibility push(hidden)

extern const dt_class dt_client_class;

/* Headers of a request, by its body.  libcurl would announce a body of 1 MiB
** and more by "Expect: 100-continue" and lose a second on servers that do not
** answer that. */
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
  char date[DT_DATE_SIZE]; /* header Date of the last answer */
  double dated;            /* when it was taken, as core.now() tells it */
  char *warmed; /* the server last connected to ahead, see warmup.h; when */
  double warmed_at;
  struct dt_request *spare; /* memory of a request that has ended, or NULL */
  int no_http1;             /* a server speaks HTTP/2 only */
  int closed;
} dt_client;

/* The open client at 'index', of this process; raises for anything else. */
dt_client *dt_client_check(lua_State *L, int index);

/* Whether it belongs to the process this one was forked from.  Its connections
** are in use there, so neither they nor what libcurl knows of them are to be
** touched: a farewell of TLS would end them. */
int dt_client_is_foreign(const dt_client *c);

/* Makes a foreign client this process's own if it was never used; raises if it
** was. */
void dt_client_check_process(lua_State *L, dt_client *c);

/* Notes the header Date, DT_DATE_SIZE bytes, of an answer that is taken. */
void dt_client_note_date(dt_client *c, const char *date);

/* Whether the credential may be sent to the URL: https, or this machine. */
int dt_client_may_send(const dt_client *c, const char *url);

/* core.is_loopback(url) */
int dt_client_is_loopback(lua_State *L);

/* core.client(config) */
int dt_client_new(lua_State *L);

#pragma GCC visibility pop
#endif
