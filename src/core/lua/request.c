#include "request.h"

#include <stdlib.h>

#include "client.h"
#include "../flow/request_life.h"

const dt_class dt_request_class = {"daytona.core.request"};

dt_request **dt_request_box(lua_State *L, int index) {
  return dt_class_check(L, index, &dt_request_class);
}

dt_request *dt_request_check(lua_State *L, int index) {
  dt_request *r = *dt_request_box(L, index);
  luaL_argcheck(L, r, index,
                "request is closed, or its result was taken already");
  return r;
}

dt_request *dt_request_new(lua_State *L, int index, const dt_operation *op) {
  dt_request **box =
      dt_class_new(L, &dt_request_class, sizeof *box, DT_REQUEST_VALUES);
  dt_client *c = dt_client_check(L, index);
  lua_pushvalue(L, index);
  dt_setuservalue(L, -2, DT_REQUEST_CLIENT);
  dt_request *r = c->spare;
  CURL *bound = r ? r->bound : NULL;
  int way = r ? r->bound_way : 0;
  c->spare = NULL;
  if (!r && !(r = malloc(sizeof *r)))
    luaL_error(L, "not enough memory");
  dt_request_init(r, c, op);
  r->bound = bound;
  r->bound_way = way;
  *box = r;
  return r;
}
