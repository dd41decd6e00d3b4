#include "request_permit.h"

#include <stdbool.h>
#include <string.h>

#include "failure.h"

int dt_request_refuse(lua_State *L, dt_request *r, int sandbox) {
  const char *url = r->url.data;
  bool is_http =
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
