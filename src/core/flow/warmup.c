#include "warmup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "link.h"
#include "origin.h"
#include "route.h"
#include "sockets.h"

enum { AGAIN_SECONDS = 60, LONGEST_MS = 15000 };

static size_t on_bytes(char *data, size_t size, size_t count, void *arg) {
  (void)data, (void)arg;
  return size * count;
}

static const char *user_agent(const dt_client *c) {
  static const char name[] = "User-Agent: ";
  const struct curl_slist *h = c->headers[DT_HEADERS_PLAIN];
  while (h && strncmp(h->data, name, sizeof name - 1) != 0)
    h = h->next;
  return h ? h->data + sizeof name - 1 : NULL;
}

static CURLcode set_up(dt_client *c, CURL *easy, const char *url) {
  CURLcode code = dt_handle_set_constants(c, easy);
  if (code == CURLE_OK)
    code = dt_link_observe(&c->driver, easy);
  DT_SET(code, easy, CURLOPT_URL, url);
  DT_SET(code, easy, CURLOPT_PROXY, dt_route_proxy_option(url));
  DT_SET(code, easy, CURLOPT_NOBODY, 1L);
  DT_SET(code, easy, CURLOPT_USERAGENT, user_agent(c));
  DT_SET(code, easy, CURLOPT_HEADERFUNCTION, on_bytes);
  DT_SET(code, easy, CURLOPT_WRITEFUNCTION, on_bytes);
  DT_SET(code, easy, CURLOPT_PREREQFUNCTION, NULL);
  DT_SET(code, easy, CURLOPT_TIMEOUT_MS, (long)LONGEST_MS);
  return code;
}

/* Whether it pays to connect to 'base' now. */
static bool is_cold(const dt_client *c, const char *base) {
  if (!curl_strnequal(base, "https://", 8) || c->driver.warming ||
      dt_origin_is(c->api_url, base))
    return false;
  return !c->warmed || !dt_origin_is(c->warmed, base) ||
         dt_sockets_now() >= c->warmed_at + AGAIN_SECONDS;
}

int dt_warmup_start(dt_client *c, const char *base) {
  char *url = is_cold(c, base) ? dt_origin_copy(base) : NULL;
  CURL *easy = url ? curl_easy_init() : NULL;
  if (!easy || set_up(c, easy, url) != CURLE_OK ||
      curl_multi_add_handle(c->driver.multi, easy) != CURLM_OK) {
    curl_easy_cleanup(easy);
    free(url);
    return 0;
  }
  free(c->warmed);
  c->warmed = url;
  c->warmed_at = dt_sockets_now();
  c->driver.started++; /* it has connections of this process now */
  c->driver.warming = easy;
  return 1;
}
