#include "methods.h"

#include <stdbool.h>
#include <string.h>

#include "operations.h"

/* What follows "area." in a name, or NULL. */
static const char *within(const char *name, const char *area, size_t n) {
  return strncmp(name, area, n) == 0 && name[n] == '.' ? name + n + 1 : NULL;
}

static int count_arguments(const dt_operation *op) {
  int n = 0;
  for (const dt_field *f = op->params; f && f->name; f++)
    n += dt_operations_is_argument(op, f);
  return n;
}

int dt_methods_push(lua_State *L) {
  size_t n;
  const char *area = luaL_checklstring(L, 1, &n);
  dt_walk walk = {0, 0};
  lua_newtable(L);
  for (const dt_operation *op; (op = dt_operations_next(&walk)) != NULL;) {
    const char *name = within(op->name, area, n);
    if (!name || strchr(name, '.') || !dt_operations_makes_method(op))
      continue;
    int most = count_arguments(op) + 1; /* the options */
    lua_pushinteger(L, most);
    lua_setfield(L, -2, name);
    if (op->paging != DT_WHOLE) {
      lua_pushfstring(L, "%s_page", name);
      lua_pushinteger(L, most);
      lua_rawset(L, -3);
    }
  }
  return 1;
}

int dt_methods_describe(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const dt_operation *op = dt_operations_find(name);
  if (!op)
    return 0;
  lua_newtable(L);
  lua_pushstring(L, op->plane == DT_TOOLBOX ? "toolbox" : "api");
  lua_setfield(L, -2, "plane");
  dt_operations_set_method(L, op);
  return 1;
}

/* Whether the row is one of an object that is no area, but made by a method. */
static bool is_held(const dt_operation *op) {
  return op->params && op->params->name && (op->params->flags & DT_HELD);
}

int dt_methods_areas(lua_State *L) {
  size_t n;
  const char *of = luaL_checklstring(L, 1, &n);
  bool is_plane = strcmp(of, "api") == 0 || strcmp(of, "toolbox") == 0;
  dt_plane plane = strcmp(of, "api") == 0 ? DT_API : DT_TOOLBOX;
  dt_walk walk = {0, 0};
  lua_newtable(L);
  for (const dt_operation *op; (op = dt_operations_next(&walk)) != NULL;) {
    const char *name = is_plane ? op->name : within(op->name, of, n);
    const char *end = name ? strchr(name, '.') : NULL;
    if (!end || !dt_operations_makes_method(op) || is_held(op) ||
        (is_plane && (op->plane != plane || strncmp(name, "sandbox.", 8) == 0 ||
                      strncmp(name, "client.", 7) == 0)))
      continue;
    lua_pushlstring(L, name, (size_t)(end - name));
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
  }
  return 1;
}
