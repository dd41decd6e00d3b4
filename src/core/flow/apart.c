#include "apart.h"

#include <stdbool.h>
#include <string.h>

#include "again.h"
#include "effect.h"
#include "handle.h"
#include "share.h"

enum { MAX_HTTP2_BODY = 64 * 1024 }; /* bytes */

/* Whether its body goes out by HTTP/1.1: a stream of HTTP/2 moves what the
 * server's window lets in each round trip, often 64 KiB; HTTP/1.1 as much as
 * TCP lets. */
bool dt_apart_is_wanted(const dt_request *r) {
  bool has_source = r->source.kind != DT_SOURCE_NONE || r->sources;
  bool is_long = has_source
                     ? r->source.size < 0 || r->source.size > MAX_HTTP2_BODY
                     : r->body.len > MAX_HTTP2_BODY;
  return is_long && !__atomic_load_n(&r->client->no_http1, __ATOMIC_RELAXED) &&
         curl_strnequal(r->url.data, "https:", 6);
}

/* Connections of their own: libcurl remembers of a server only whether its
 * latest connection could be shared, so others would not share theirs. */
CURLcode dt_apart_set_up(dt_request *r) {
  dt_driver *d = &r->client->driver;
  CURL *easy = r->transfer.easy;
  CURLcode code = CURLE_OK;
  if (!d->apart && !(d->apart = dt_share_new(1)))
    return CURLE_OUT_OF_MEMORY;
  DT_SET(code, easy, CURLOPT_SHARE, dt_share_of(d->apart));
  DT_SET(code, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  r->apart = 1;
  return code;
}

/* A server that speaks nothing but HTTP/2 ends the handshake, or takes the
 * request for something else: then nothing was done. */
static bool was_misunderstood(const dt_request *r, CURLcode code) {
  if (!r->apart || r->header_bytes > 0 || r->transfer.sending.is_lost)
    return false;
  if (r->sendings == 0)
    return code == CURLE_SSL_CONNECT_ERROR;
  return !r->transfer.sending.is_reused && dt_effect_is_idempotent(r) &&
         (r->source.kind != DT_SOURCE_CHUNKS || r->source.done == 0) &&
         (code == CURLE_UNSUPPORTED_PROTOCOL ||
          code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_GOT_NOTHING ||
          code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR);
}

int dt_apart_falls_back(dt_transfer *t, CURLcode code) {
  dt_request *r = (dt_request *)t;
  CURL *easy = t->easy;
  if (!was_misunderstood(r, code))
    return 0;
  if (code == CURLE_SSL_CONNECT_ERROR ? strstr(r->error, "alert") != NULL
                                      : code == CURLE_UNSUPPORTED_PROTOCOL)
    __atomic_store_n(&r->client->no_http1, 1, __ATOMIC_RELAXED);
  r->apart = 0;
  CURLcode set = dt_again_take(r);
  DT_SET(set, easy, CURLOPT_SHARE, dt_share_of(r->client->driver.share));
  DT_SET(set, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  return set == CURLE_OK && dt_again_give(r);
}
