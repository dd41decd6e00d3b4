#ifndef DL_TOOLBOX_WALK_H
#define DL_TOOLBOX_WALK_H

#include <sys/stat.h>

typedef void dl_walk_visit(const char *path, const struct stat *st, void *arg);

#pragma GCC visibility push(hidden)

/* Visits `root` and, where it is a directory, all below it: each directory
 * before its entries, these by name. Links are visited, not followed. What
 * cannot be read is passed over. `st` is the lstat result. */
void dl_walk(const char *root, dl_walk_visit *visit, void *arg);

#pragma GCC visibility pop

#endif
