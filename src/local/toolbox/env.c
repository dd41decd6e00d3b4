#include "env.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dl_env {
  pthread_mutex_t lock;
  json_t *values; /* name -> string */
};

dl_env *dl_env_new(void) {
  dl_env *env = calloc(1, sizeof *env);
  if (!env)
    return NULL;
  env->values = json_object();
  if (!env->values) {
    free(env);
    return NULL;
  }
  pthread_mutex_init(&env->lock, NULL);
  return env;
}

void dl_env_free(dl_env *env) {
  if (!env)
    return;
  json_decref(env->values);
  pthread_mutex_destroy(&env->lock);
  free(env);
}

bool dl_env_valid_name(const char *name) {
  static const char letters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return *name && !(*name >= '0' && *name <= '9') &&
         name[strspn(name, letters)] == '\0';
}

int dl_env_set(dl_env *env, const char *name, const char *value) {
  pthread_mutex_lock(&env->lock);
  int rc = json_object_set_new(env->values, name, json_string(value));
  pthread_mutex_unlock(&env->lock);
  return rc;
}

void dl_env_unset(dl_env *env, const char *name) {
  pthread_mutex_lock(&env->lock);
  json_object_del(env->values, name);
  pthread_mutex_unlock(&env->lock);
}

void dl_env_unset_value_prefix(dl_env *env, const char *prefix,
                               const json_t *keep) {
  pthread_mutex_lock(&env->lock);
  const char *name;
  json_t *value;
  void *next;
  json_object_foreach_safe(env->values, next, name, value) {
    if (strncmp(json_string_value(value), prefix, strlen(prefix)) == 0 &&
        !json_object_get(keep, name))
      json_object_del(env->values, name);
  }
  pthread_mutex_unlock(&env->lock);
}

static char *join(const char *name, const char *value) {
  char *text;
  return asprintf(&text, "%s=%s", name, value) < 0 ? NULL : text;
}

/* Appends the members of `from` that are no keys of `without`; a null value is
 * an empty string. */
static int append(char **list, size_t *n, const json_t *from,
                  const json_t *without) {
  const char *name;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)from, name, value) {
    const char *text = json_string_value(value);
    if (json_object_get(without, name))
      continue;
    list[*n] = join(name, text ? text : "");
    if (!list[*n])
      return -1;
    (*n)++;
  }
  return 0;
}

char **dl_env_list(dl_env *env, const json_t *extra) {
  size_t n = 0;
  pthread_mutex_lock(&env->lock);
  char **list;
  list = calloc(json_object_size(env->values) + json_object_size(extra) + 1,
                sizeof *list);
  int rc = list ? append(list, &n, env->values, extra) : -1;
  pthread_mutex_unlock(&env->lock);
  if (rc == 0)
    rc = append(list, &n, extra, NULL);
  if (rc == 0)
    return list;
  dl_env_list_free(list);
  return NULL;
}

void dl_env_list_free(char **list) {
  for (size_t i = 0; list && list[i]; i++)
    free(list[i]);
  free(list);
}
