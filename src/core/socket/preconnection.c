#include "preconnection.h"

#include "../flow/origin.h"

static void drop(dt_socket *s) {
  dt_preconnection *p = (dt_preconnection *)s;
  dt_sockets_remove(s);
  dt_connector_free(p->connector);
  p->connector = NULL;
}

/* A server that says something, or ends it, has had enough of waiting. */
static void move(dt_socket *s) {
  dt_preconnection *p = (dt_preconnection *)s;
  if (p->connector->state == DT_CONNECTOR_BUSY)
    dt_connector_move(p->connector);
  if (p->connector->state == DT_CONNECTOR_FAILED ||
      (p->connector->state == DT_CONNECTOR_READY &&
       !dt_connector_is_quiet(p->connector)) ||
      dt_sockets_now() >= p->until)
    drop(s);
}

static unsigned wait_for(const dt_socket *s, struct curl_waitfd *fds,
                         double *seconds) {
  const dt_preconnection *p = (const dt_preconnection *)s;
  dt_sockets_sooner(seconds, p->until, dt_sockets_now());
  if (p->connector->state == DT_CONNECTOR_BUSY)
    return dt_connector_wait_for(p->connector, fds, seconds);
  fds[0] =
      (struct curl_waitfd){.fd = p->connector->fd, .events = CURL_WAIT_POLLIN};
  return 1;
}

dt_connector *dt_preconnection_take(dt_preconnection *p, const dt_client *c,
                                    const char *url) {
  dt_connector *connector = p->connector;
  if (!connector || p->client != c || !dt_origin_is(p->origin, url))
    return NULL;
  move(&p->socket); /* it may have been closed since the last step */
  if (!p->connector)
    return NULL;
  dt_sockets_remove(&p->socket);
  p->connector = NULL;
  return connector;
}

int dt_preconnection_start(dt_preconnection *p) {
  dt_connector *connector = NULL;
  p->socket = (dt_socket){.move = move, .wait_for = wait_for, .closed = drop};
  p->client->driver.started++; /* it has connections of this process now */
  CURLcode code = dt_connector_new(p->client, p->origin, &connector);
  int added =
      code == CURLE_OK && !dt_sockets_add(&p->client->driver, &p->socket);
  if (added)
    p->connector = connector;
  else
    dt_connector_free(connector);
  return added;
}

void dt_preconnection_drop(dt_preconnection *p) {
  drop(&p->socket);
}
