#include "warmup.h"

#include <stdlib.h>
#include <string.h>

#include "../flow/background.h"
#include "../flow/link.h"
#include "../flow/origin.h"
#include "../flow/request_setup.h"
#include "../flow/route.h"
#include "sandbox.h"
#include "../flow/sockets.h"

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
  CURLcode code = dt_request_set_constants(c, easy);
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
static int is_cold(const dt_client *c, const char *base) {
  if (!curl_strnequal(base, "https://", 8) || c->driver.warming ||
      dt_origin_is(c->api_url, base))
    return 0;
  return !c->warmed || !dt_origin_is(c->warmed, base) ||
         dt_sockets_now() >= c->warmed_at + AGAIN_SECONDS;
}

/* The client's turn; returns whether it has begun.  That it has not is of no
** consequence. */
static int start(dt_client *c, const char *base) {
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

int dt_client_warm_up(lua_State *L) {
  dt_client *c = dt_client_check(L, 1);
  dt_background *b = c->driver.background;
  const char *base = dt_sandbox_base(L, 2);
  if (b)
    dt_background_enter(b);
  int started = base && start(c, base);
  if (b)
    dt_background_leave(b);
  lua_pushboolean(L, started);
  return 1;
}

int dt_client_cool_down(lua_State *L) {
  dt_client *c = dt_client_check(L, 1);
  dt_background *b = c->driver.background;
  if (b)
    dt_background_enter(b);
  if (c->driver.http_version != CURL_HTTP_VERSION_2)
    dt_driver_cool(&c->driver);
  if (b)
    dt_background_leave(b);
  return 0;
}
