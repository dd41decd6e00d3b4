#ifndef DL_TOOLBOX_ENV_H
#define DL_TOOLBOX_ENV_H

#include <jansson.h>
#include <stdbool.h>

/* The environment that processes started later will get. Locks itself. */
typedef struct dl_env dl_env;

#pragma GCC visibility push(hidden)

/* An empty environment, or NULL without memory. */
dl_env *dl_env_new(void);

/* Frees an environment; NULL is fine. */
void dl_env_free(dl_env *env);

/* Whether the name is one a shell can use: [A-Za-z_][A-Za-z0-9_]*. */
bool dl_env_valid_name(const char *name);

/* Sets a variable. 0, or -1 without memory or if the text is not UTF-8. */
int dl_env_set(dl_env *env, const char *name, const char *value);

/* Removes a variable; a missing one is fine. */
void dl_env_unset(dl_env *env, const char *name);

/* Removes every variable whose value starts with `prefix` and whose name is no
 * key of the object `keep` (may be NULL). */
void dl_env_unset_value_prefix(dl_env *env, const char *prefix,
                               const json_t *keep);

/* A malloc'd, NULL-terminated "NAME=value" list for execve: the environment
 * with the string members of `extra` (may be NULL), which win. NULL without
 * memory. */
char **dl_env_list(dl_env *env, const json_t *extra);

/* Frees such a list; NULL is fine. */
void dl_env_list_free(char **list);

#pragma GCC visibility pop

#endif
