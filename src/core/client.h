/* Userdata daytona.client: configuration, headers, the driver. */
#ifndef dt_client_h
#define dt_client_h

#include "lua_compat.h"
#include "buffer.h"
#include "driver.h"

#pragma GCC visibility push(hidden)

#define DT_CLIENT_TYPE "daytona.core.client"

typedef struct dt_client {
  dt_driver driver;
  char *api_url; /* without trailing slash */
  char *token;   /* key or JWT; never shown */
  char *ca_file;
  char *user_agent;
  struct curl_slist *headers;      /* of every request */
  struct curl_slist *json_headers; /* the same with a JSON content type */
  long connect_timeout;            /* ms */
  size_t max_response;             /* bytes of an answer kept in memory */
  dt_buffer url, body;             /* memory lent to the next request */
  int closed;
} dt_client;

/* The open client at 'index'; raises for anything else. */
dt_client *dt_client_check(lua_State *L, int index);

/* core.client(config) */
int dt_client_new(lua_State *L);

/* Makes the metatable. */
void dt_client_open(lua_State *L);

#pragma GCC visibility pop
#endif
