#include "probe.h"

#include <stdlib.h>

#include "client_state.h"
#include "handle.h"
#include "route.h"
#include "sockets.h"

enum { LONGEST = 30 }; /* seconds */

/* Drivers are fields of clients. */
static const dt_client *client_of(const dt_driver *d) {
  return (const dt_client *)((const char *)d - offsetof(dt_client, driver));
}

const dt_transfer_kind dt_probe_kind = {0};

/* It goes out on the connection that it is about, or not at all. */
static int on_send(void *arg, char *remote, char *local, int remote_port,
                   int local_port) {
  dt_probe *p = arg;
  (void)remote, (void)local;
  if (!p->link || p->link->local_port != local_port ||
      p->link->remote_port != remote_port)
    return CURL_PREREQFUNC_ABORT;
  p->at = dt_sockets_now();
  p->transfer.sending.link = p->link;
  return CURL_PREREQFUNC_OK;
}

static size_t on_bytes(char *data, size_t size, size_t count, void *arg) {
  (void)data, (void)arg;
  return size * count;
}

/* No credential: any answer will do. */
static CURLcode set_up(dt_probe *p, dt_driver *d) {
  CURL *easy = p->transfer.easy;
  CURLcode code = dt_handle_set_constants(client_of(d), easy);
  DT_SET(code, easy, CURLOPT_OPENSOCKETDATA, &p->socket_error);
  DT_SET(code, easy, CURLOPT_URL, p->link->origin);
  DT_SET(code, easy, CURLOPT_PROXY, dt_route_proxy_option(p->link->origin));
  DT_SET(code, easy, CURLOPT_NOBODY, 1L);
  DT_SET(code, easy, CURLOPT_PIPEWAIT, 1L);
  DT_SET(code, easy, CURLOPT_PRIVATE, &p->transfer);
  DT_SET(code, easy, CURLOPT_TIMEOUT_MS, LONGEST * 1000L);
  DT_SET(code, easy, CURLOPT_HEADERFUNCTION, on_bytes);
  DT_SET(code, easy, CURLOPT_WRITEFUNCTION, on_bytes);
  DT_SET(code, easy, CURLOPT_PREREQFUNCTION, on_send);
  DT_SET(code, easy, CURLOPT_PREREQDATA, p);
  if (code == CURLE_OK)
    code = dt_link_observe(d, easy);
  DT_SET(code, easy, CURLOPT_DEBUGDATA, &p->transfer);
  DT_SET(code, easy, CURLOPT_VERBOSE, 1L);
  return code;
}

void dt_probe_free(dt_driver *d, dt_probe *p) {
  dt_probe **at = &d->probes;
  while (*at != p)
    at = &(*at)->next;
  *at = p->next;
  if (p->link)
    p->link->probe = NULL;
  curl_multi_remove_handle(d->multi, p->transfer.easy);
  curl_easy_cleanup(p->transfer.easy);
  free(p);
}

dt_probe *dt_probe_start(dt_link *l) {
  dt_driver *d = l->driver;
  dt_probe *p = l->origin ? calloc(1, sizeof *p) : NULL;
  if (!p)
    return NULL;
  p->link = l;
  p->started_at = dt_sockets_now();
  p->transfer.kind = &dt_probe_kind;
  p->transfer.easy = curl_easy_init();
  if (p->transfer.easy && set_up(p, d) == CURLE_OK &&
      curl_multi_add_handle(d->multi, p->transfer.easy) == CURLM_OK) {
    p->next = d->probes;
    d->probes = p;
    l->probe = p;
    return p;
  }
  curl_easy_cleanup(p->transfer.easy);
  free(p);
  return NULL;
}
