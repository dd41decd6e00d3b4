#include "connector.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "route.h"

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
                     void *unused) {
  dt_connector *c = arg;
  unsigned i = 0;
  (void)easy, (void)unused;
  while (i < c->wait_count && c->waits[i].fd != fd)
    i++;
  if (what == CURL_POLL_REMOVE) {
    if (i < c->wait_count)
      c->waits[i] = c->waits[--c->wait_count];
    return 0;
  }
  if (i == DT_SOCKET_FDS) /* more than libcurl tries at a time */
    return 0;
  c->wait_count += i == c->wait_count;
  c->waits[i].fd = fd;
  c->waits[i].events = (short)((what & CURL_POLL_IN ? CURL_WAIT_POLLIN : 0) |
                               (what & CURL_POLL_OUT ? CURL_WAIT_POLLOUT : 0));
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *arg) {
  dt_connector *c = arg;
  (void)multi;
  c->at = ms < 0 ? HUGE_VAL : dt_sockets_now() + (double)ms / 1000;
  return 0;
}

/* Nothing is transferred: a refusing proxy's words are not for anybody. */
static size_t on_bytes(char *data, size_t size, size_t count, void *arg) {
  (void)data, (void)arg;
  return size * count;
}

static void fail(dt_connector *c, CURLcode code, const char *why) {
  c->state = DT_CONNECTOR_FAILED;
  c->code = code;
  if (why)
    snprintf(c->error, sizeof c->error, "%s", why);
}

/* libcurl has connected, or could not. */
static void finish(dt_connector *c, CURLcode code) {
  long number = 0;
  curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &number);
  c->proxy_status = dt_handle_proxy_status(c->easy);
  if (code == CURLE_OK &&
      curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &c->fd) == CURLE_OK &&
      c->fd != CURL_SOCKET_BAD)
    c->state = DT_CONNECTOR_READY;
  else if (code == CURLE_COULDNT_CONNECT && number)
    fail(c, code, strerror((int)number));
  else
    fail(c, code == CURLE_OK ? CURLE_COULDNT_CONNECT : code, NULL);
}

void dt_connector_move(dt_connector *c) {
  dt_connector_wait waits[DT_SOCKET_FDS];
  unsigned count = c->wait_count;
  int running, left;
  CURLMcode code = CURLM_OK;
  memcpy(waits, c->waits, sizeof waits);
  if (c->at <= dt_sockets_now()) {
    c->at = HUGE_VAL;
    code = curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  /* Without flags libcurl looks for itself what the descriptor is ready for. */
  for (unsigned i = 0; i < count && code == CURLM_OK; i++)
    code = curl_multi_socket_action(c->multi, waits[i].fd, 0, &running);
  CURLMsg *m = curl_multi_info_read(c->multi, &left);
  if (m && m->msg == CURLMSG_DONE)
    finish(c, m->data.result);
  else if (code != CURLM_OK)
    fail(c, CURLE_OUT_OF_MEMORY, curl_multi_strerror(code));
}

unsigned dt_connector_wait_for(const dt_connector *c, struct curl_waitfd *fds,
                               double *seconds) {
  dt_sockets_sooner(seconds, c->at, dt_sockets_now());
  for (unsigned i = 0; i < c->wait_count; i++)
    fds[i] = (struct curl_waitfd){.fd = c->waits[i].fd,
                                  .events = c->waits[i].events};
  return c->wait_count;
}

bool dt_connector_is_quiet(dt_connector *c) {
  char byte;
  size_t n = 0;
  return curl_easy_recv(c->easy, &byte, 1, &n) == CURLE_AGAIN;
}

static CURLcode set_up(dt_connector *c, const dt_client *client,
                       const char *url) {
  CURLcode code = dt_handle_set_constants(client, c->easy);
  DT_SET(code, c->easy, CURLOPT_URL, url);
  DT_SET(code, c->easy, CURLOPT_ERRORBUFFER, c->error);
  DT_SET(code, c->easy, CURLOPT_HEADERFUNCTION, on_bytes);
  DT_SET(code, c->easy, CURLOPT_WRITEFUNCTION, on_bytes);
  DT_SET(code, c->easy, CURLOPT_PREREQFUNCTION, NULL);
  DT_SET(code, c->easy, CURLOPT_OPENSOCKETDATA, &c->socket_error);
  DT_SET(code, c->easy, CURLOPT_PROXY, dt_route_proxy_option(url));
  DT_SET(code, c->easy, CURLOPT_BUFFERSIZE, (long)DT_CONNECTOR_READ);
  DT_SET(code, c->easy, CURLOPT_CONNECT_ONLY, 1L);
  DT_SET(code, c->easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  DT_SET(code, c->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  return code;
}

CURLcode dt_connector_new(const dt_client *client, const char *url,
                          dt_connector **connector) {
  dt_connector *c = *connector = calloc(1, sizeof *c);
  if (!c)
    return CURLE_OUT_OF_MEMORY;
  c->at = HUGE_VAL;
  c->fd = CURL_SOCKET_BAD;
  c->easy = curl_easy_init();
  c->multi = curl_multi_init();
  if (!c->easy || !c->multi)
    return CURLE_OUT_OF_MEMORY;
  CURLcode code = set_up(c, client, url);
  if (code != CURLE_OK)
    return code;
  curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
  curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
  return curl_multi_add_handle(c->multi, c->easy) == CURLM_OK
             ? CURLE_OK
             : CURLE_OUT_OF_MEMORY;
}

void dt_connector_free(dt_connector *c) {
  if (!c)
    return;
  if (c->easy && c->multi)
    curl_multi_remove_handle(c->multi, c->easy);
  curl_easy_cleanup(c->easy);
  curl_multi_cleanup(c->multi);
  free(c);
}
