/* Whether the credential may go where a request goes. */
#include "request.h"

#include <string.h>

#include "failure.h"

/* What passed is remembered up to the slash after the host: most requests of a
** client go where the last one went. */
int dt_request_may_send(dt_request *r) {
  dt_buffer *passed = &r->client->passed;
  const char *url = r->url.data;
  if (passed->length > 0 && strncmp(passed->data, url, passed->length) == 0)
    return 1;
  if (!dt_client_may_send(r->client, url))
    return 0;
  const char *host = strstr(url, "://");
  const char *slash = host ? strchr(host + 3, '/') : NULL;
  dt_buffer_clear(passed);
  if (slash && !dt_buffer_add(passed, url, (size_t)(slash + 1 - url)))
    dt_buffer_clear(passed);
  return 1;
}

/* Pushes nil and why nothing is sent to the request's URL, which came from the
** server or, at 'sandbox', with a handle. */
int dt_request_refuse(lua_State *L, dt_request *r, int sandbox) {
  const char *url = r->url.data;
  int is_http =
      curl_strnequal(url, "http://", 7) || curl_strnequal(url, "https://", 8);
  if (r->operation->plane == DT_ELSEWHERE)
    lua_pushliteral(L, "which the server gave");
  else if (strncmp(url, r->client->api_url, r->base_length) == 0)
    lua_pushliteral(L, "the api_url");
  else {
    lua_getfield(L, sandbox, "id");
    lua_pushfstring(L, "the toolbox_proxy_url of the sandbox %s",
                    lua_tostring(L, -1));
    lua_remove(L, -2);
  }
  lua_pushlstring(L, url, r->base_length);
  lua_pushfstring(L, "%s (%s) %s", lua_tostring(L, -1), lua_tostring(L, -2),
                  is_http ? "would carry the credential unencrypted (say "
                            "allow_http = true if that is meant)"
                          : "is no http or https URL");
  lua_replace(L, -3);
  lua_pop(L, 1);
  dt_failure_protocol(L, r, 0);
  return 2;
}
