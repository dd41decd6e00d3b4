#include "as.h"
#include "toolbox/files/room.h"
#include "toolbox/process/child_limits.h"
#include "toolbox/session/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH                                                           \
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Whether /etc/shells names the shell. Where there is no such file, being
 * there is enough. */
static bool is_listed(const char *shell) {
  FILE *list = fopen("/etc/shells", "re");
  char line[256];
  bool found = list == NULL;
  while (!found && fgets(line, sizeof line, list)) {
    line[strcspn(line, " \t\r\n#")] = '\0';
    found = strcmp(line, shell) == 0;
  }
  if (list)
    fclose(list);
  return found;
}

static char *choose_shell(void) {
  static const char *const shells[] = {"/usr/bin/zsh", "/bin/zsh",
                                       "/usr/bin/bash", "/bin/bash"};
  const char *own = getenv("SHELL");
  size_t i;
  for (i = 0; i < sizeof shells / sizeof *shells; i++) {
    if (is_listed(shells[i]) && access(shells[i], X_OK) == 0)
      return strdup(shells[i]);
  }
  return strdup(own && access(own, X_OK) == 0 ? own : "/bin/sh");
}

static char *copy_field(const json_t *config, const char *name,
                        const char *fallback) {
  const char *text = json_string_value(json_object_get(config, name));
  if (!text)
    text = fallback;
  return text ? strdup(text) : NULL;
}

/* The environment is built here, not inherited: what the daemon itself was
 * started with is nobody's business. */
static int fill_env(dl_toolbox *toolbox, const json_t *config) {
  const char *path = getenv("PATH");
  int rc = 0;
  rc |= dl_env_set(toolbox->env, "HOME", toolbox->home);
  rc |= dl_env_set(toolbox->env, "PATH", path && *path ? path : DEFAULT_PATH);
  rc |= dl_env_set(toolbox->env, "USER", "daytona");
  rc |= dl_env_set(toolbox->env, "LOGNAME", "daytona");
  rc |= dl_env_set(toolbox->env, "SHELL", toolbox->shell);
  rc |= dl_env_set(toolbox->env, "LANG", "C.UTF-8");
  rc |= dl_env_set(toolbox->env, "DAYTONA_SANDBOX_ID", toolbox->sandbox_id);
  const char *name;
  json_t *value;
  json_object_foreach(json_object_get(config, "env"), name, value) {
    if (json_is_string(value) && dl_env_valid_name(name))
      rc |= dl_env_set(toolbox->env, name, json_string_value(value));
  }
  return rc;
}

static unsigned count_of(const json_t *as, const char *name) {
  return (unsigned)json_integer_value(json_object_get(as, name));
}

/* What the server behaves as, the toolbox does, too. */
static void read_as(const json_t *config) {
  const json_t *as = json_object_get(config, "as");
  const char *name = json_string_value(json_object_get(as, "name"));
  if (name && dl_as_set(name) == 0)
    dl_as_rates(count_of(as, "stuck_one_in"), count_of(as, "lost_one_in"));
}

/* Makes the daemon's state from the JSON line its starter sent. The caller
 * frees it with dl_config_free. NULL with a reason in *error. */
dl_toolbox *dl_config_read(const char *text, const char **error) {
  dl_toolbox *toolbox = calloc(1, sizeof *toolbox);
  json_t *config = json_loads(text, 0, NULL);
  *error = "out of memory";
  if (!toolbox || !json_is_object(config)) {
    if (toolbox)
      *error = "the configuration is not a JSON object";
    json_decref(config);
    free(toolbox);
    return NULL;
  }
  read_as(config);
  dl_child_limits_read(json_object_get(config, "limits"));
  toolbox->sandbox_id = copy_field(config, "sandbox_id", NULL);
  toolbox->home = copy_field(config, "home", NULL);
  dl_room_read(json_object_get(config, "limits"), toolbox->home);
  toolbox->work_dir = copy_field(config, "work_dir", toolbox->home);
  toolbox->version = copy_field(config, "version", "v0.0.0-dev");
  toolbox->shell = choose_shell();
  toolbox->isolated = json_is_true(json_object_get(config, "isolated"));
  toolbox->entrypoint = json_incref(json_object_get(config, "entrypoint"));
  toolbox->env = dl_env_new();
  toolbox->sessions = toolbox->home ? dl_sessions_new(toolbox) : NULL;
  if (!toolbox->sandbox_id || !toolbox->home)
    *error = "the configuration lacks sandbox_id or home";
  else if (toolbox->work_dir && toolbox->version && toolbox->shell &&
           toolbox->env && toolbox->sessions && fill_env(toolbox, config) == 0)
    *error = NULL;
  json_decref(config);
  if (!*error)
    return toolbox;
  dl_config_free(toolbox);
  return NULL;
}

/* Frees what dl_config_read made. */
void dl_config_free(dl_toolbox *toolbox) {
  dl_sessions_free(toolbox->sessions);
  free(toolbox->sandbox_id);
  free(toolbox->home);
  free(toolbox->work_dir);
  free(toolbox->version);
  free(toolbox->shell);
  json_decref(toolbox->entrypoint);
  dl_env_free(toolbox->env);
  free(toolbox);
}
