#include "upgrade.h"

#include <string.h>

#include "../flow/request_setup.h"

/* Appends texts up to a NULL. */
static int add(dt_queue *out, const char *const *texts) {
  int ok = 1;
  for (; *texts && ok; texts++)
    ok = dt_queue_add(out, *texts, strlen(*texts));
  return ok;
}

/* The line of the request and its host, which may have stood behind a name and
 * password. */
static int add_target(const dt_request *r, dt_queue *out) {
  const char *host = strstr(r->url.data, "://") + 3;
  size_t n = strcspn(host, "/?#");
  const char *target = host + n;
  for (size_t i = n; i > 0; i--)
    if (host[i - 1] == '@') {
      host += i;
      n -= i;
      break;
    }
  return dt_queue_add(out, "GET ", 4) &&
         (*target == '/' || dt_queue_add(out, "/", 1)) &&
         dt_queue_add(out, target, strlen(target)) &&
         dt_queue_add(out, " HTTP/1.1\r\nHost: ", 17) &&
         dt_queue_add(out, host, n) && dt_queue_add(out, "\r\n", 2);
}

int dt_upgrade_ask(const dt_request *r, const char *key,
                   const char *subprotocols, dt_queue *out) {
  int ok = add_target(r, out);
  const struct curl_slist *h = r->headers ? r->headers : dt_request_headers(r);
  for (; h && ok; h = h->next)
    if (!r->headers && curl_strnequal(h->data, "Accept-Encoding:", 16))
      continue; /* what is upgraded has no body */
    else if (h->data[0] && h->data[strlen(h->data) - 1] != ':')
      ok = add(out, (const char *[]){h->data, "\r\n", NULL});
  if (ok && subprotocols[0])
    ok = add(out, (const char *[]){"Sec-WebSocket-Protocol: ", subprotocols,
                                   "\r\n", NULL});
  return ok && add(out, (const char *[]){"Upgrade: websocket\r\n"
                                         "Connection: Upgrade\r\n"
                                         "Sec-WebSocket-Version: 13\r\n"
                                         "Sec-WebSocket-Key: ",
                                         key, "\r\n\r\n", NULL});
}

const char *dt_upgrade_problem(const dt_answer *a, const char *key) {
  char expected[DT_HANDSHAKE_ACCEPT];
  if (!a->upgrades || !a->connection_upgrades)
    return "the server switched to something else than WebSocket";
  if (dt_handshake_accept(key, expected) != 0 ||
      strcmp(a->accept, expected) != 0)
    return "the server's Sec-WebSocket-Accept does not belong to the key";
  if (a->extended)
    return "the server uses a WebSocket extension that was not offered";
  return NULL;
}
