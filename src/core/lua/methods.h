/* Methods that rows make, as the Lua layer asks for them. */
#ifndef dt_methods_h
#define dt_methods_h

struct lua_State;

#pragma GCC visibility push(hidden)

/* core.methods(area) -> for each method that a row of the area makes ("git",
 * "computer_use.mouse", "sandbox") the most arguments it takes, by name.  A row
 * with pages makes two: "list" and "list_page". */
int dt_methods_push(struct lua_State *L);

/* core.method(operation) -> what the method of the row does: arguments (names
 * in their order), plane, member, goal, timeout, paging, whether it is asked
 * of the API by a sandbox's id (of_sandbox) and gives its handle (is_self).
 *Nothing where there is no such row. */
int dt_methods_describe(struct lua_State *L);

/* core.areas(plane | area) -> names of the areas of a plane ("api",
 * "toolbox"), or of those within an area, as keys. */
int dt_methods_areas(struct lua_State *L);

#pragma GCC visibility pop
#endif
