#include "ready.h"

#include <limits.h>

#include "../flow/attention.h"

void dt_ready_add(dt_driver *d, dt_transfer *t) {
  if (!t->tag || t->is_ready)
    return;
  t->is_ready = 1;
  t->next_ready = NULL;
  t->previous_ready = d->last_ready;
  if (d->last_ready)
    d->last_ready->next_ready = t;
  else
    d->ready = t;
  d->last_ready = t;
}

void dt_ready_remove(dt_driver *d, dt_transfer *t) {
  t->tag = 0;
  if (!t->is_ready)
    return;
  t->is_ready = 0;
  if (t->previous_ready)
    t->previous_ready->next_ready = t->next_ready;
  else
    d->ready = t->next_ready;
  if (t->next_ready)
    t->next_ready->previous_ready = t->previous_ready;
  else
    d->last_ready = t->previous_ready;
  t->next_ready = t->previous_ready = NULL;
}

int dt_ready_watch(lua_State *L, dt_client *c, dt_transfer *t, int is_hungry,
                   int client) {
  lua_Integer tag = luaL_checkinteger(L, 2);
  dt_client_check_process(L, c);
  luaL_argcheck(L, tag > 0 && tag <= INT_MAX, 2, "out of range");
  luaL_argcheck(L, !c->driver.background, 1,
                "a thread turns the client's driver");
  if (lua_isthread(L, 3) && (lua_tothread(L, 3) != L || !dt_isyieldable(L))) {
    lua_pushboolean(L, 0);
    return 1;
  }
  dt_ready_remove(&c->driver, t);
  if (t->done || is_hungry || dt_attention_is_wanted(t))
    return 0;
  t->tag = (int)tag;
  dt_getuservalue(L, 1, client);
  return 1;
}

/* Wakes the uploads by chunks that were fed, and notes what wants attention;
** returns how many were woken. */
static int look_after(dt_driver *d) {
  int woken = 0;
  for (dt_transfer *t = d->live; t; t = t->next) {
    woken += dt_attention_resume(t);
    if (dt_attention_is_wanted(t))
      dt_ready_add(d, t);
  }
  return woken;
}

static void turn(dt_driver *d, double seconds) {
  int idle;
  dt_driver_perform(d, &idle);
  if (look_after(d) > 0) {
    dt_driver_perform(d, &idle);
    look_after(d);
  }
  if (!idle && !d->ready)
    dt_driver_poll(d, seconds);
}

int dt_ready_turn(lua_State *L) {
  dt_client *c = dt_class_check(L, 1, &dt_client_class);
  double seconds = (double)luaL_checknumber(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  dt_client_check_process(L, c);
  dt_driver *d = &c->driver;
  luaL_argcheck(L, !d->background, 1, "a thread turns the client's driver");
  if (!c->closed)
    turn(d, seconds);
  int n = 0;
  while (d->ready) {
    lua_pushinteger(L, d->ready->tag);
    lua_rawseti(L, 3, ++n); /* may raise: it stays in the list */
    dt_ready_remove(d, d->ready);
  }
  lua_pushinteger(L, n);
  lua_pushinteger(L, d->count);
  return 2;
}
