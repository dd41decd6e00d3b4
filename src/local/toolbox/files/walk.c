#include "walk.h"
#include "toolbox/path.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

void dl_walk(const char *root, dl_walk_visit *visit, void *arg) {
  struct stat st;
  if (lstat(root, &st))
    return;
  visit(root, &st, arg);
  if (!S_ISDIR(st.st_mode))
    return;
  struct dirent **entries;
  int n = scandir(root, &entries, NULL, by_name);
  for (int i = 0; i < n; i++) {
    const char *name = entries[i]->d_name;
    char *path = NULL;
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
      path = dl_path_join(root, name);
    if (path)
      dl_walk(path, visit, arg);
    free(path);
    free(entries[i]);
  }
  if (n >= 0)
    free(entries);
}
