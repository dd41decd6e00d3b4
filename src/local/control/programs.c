#include "programs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "strbuf.h"

char *dl_programs_find_in(const char *path, const char *name) {
  dl_strbuf file = {0};
  while (*path) {
    size_t len = strcspn(path, ":");
    dl_strbuf_clear(&file);
    dl_strbuf_addf(&file, "%.*s/%s", (int)len, path, name);
    if (!file.failed && file.data[0] == '/' && access(file.data, X_OK) == 0)
      return dl_strbuf_detach(&file);
    path += len + (path[len] == ':');
  }
  dl_strbuf_free(&file);
  return NULL;
}

char *dl_programs_find(const char *name) {
  const char *path = getenv("PATH");
  return dl_programs_find_in(
      path && *path ? path : "/usr/local/bin:/usr/bin:/bin", name);
}
