#ifndef DL_TOOLBOX_ENV_H
#define DL_TOOLBOX_ENV_H

#include <jansson.h>
#include <stdbool.h>

/* The environment that processes started later will get. Locks itself. */
typedef struct dl_env dl_env;

#pragma GCC visibility push(hidden)

dl_env *dl_env_new(void);
void dl_env_free(dl_env *env);
bool dl_env_valid_name(const char *name);
int dl_env_set(dl_env *env, const char *name, const char *value);
void dl_env_unset(dl_env *env, const char *name);
void dl_env_unset_value_prefix(dl_env *env, const char *prefix,
                               const json_t *keep);
char **dl_env_list(dl_env *env, const json_t *extra);
void dl_env_list_free(char **list);

#pragma GCC visibility pop

#endif
