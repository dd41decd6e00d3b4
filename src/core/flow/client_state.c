#include "client_state.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "route.h"
#include "sockets.h"

bool dt_client_is_foreign(const dt_client *c) {
  return c->driver.pid && c->driver.pid != getpid();
}

int dt_client_may_send(const dt_client *c, const char *url) {
  return curl_strnequal(url, "https://", 8) ||
         (curl_strnequal(url, "http://", 7) &&
          (c->allow_http || dt_route_is_loopback(url)));
}

void dt_client_note_date(dt_client *c, const char *date) {
  memcpy(c->date, date, sizeof c->date);
  c->dated = dt_sockets_now();
}
