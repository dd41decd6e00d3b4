#ifndef DL_TOOLBOX_PATH_H
#define DL_TOOLBOX_PATH_H

#include <sys/types.h>

/* Path texts. Every returned string is malloc'd; NULL without memory. */

#pragma GCC visibility push(hidden)

char *dl_path_clean(const char *path);
char *dl_path_join(const char *directory, const char *name);
char *dl_path_absolute(const char *path);
char *dl_path_parent(const char *path);
const char *dl_path_base(const char *path);
int dl_path_make(const char *path, mode_t mode);
int dl_path_remove_tree(const char *path);

#pragma GCC visibility pop

#endif
