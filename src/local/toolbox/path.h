#ifndef DL_TOOLBOX_PATH_H
#define DL_TOOLBOX_PATH_H

#include <sys/types.h>

/* Path texts. Every returned string is malloc'd; NULL without memory. */

#pragma GCC visibility push(hidden)

/* The shortest path that names the same by text alone: no ".", no "x/..", no
 * doubled or last slash. "" becomes ".". */
char *dl_path_clean(const char *path);

/* The clean path of `name` in `directory`. */
char *dl_path_join(const char *directory, const char *name);

/* The clean absolute path; a relative one starts at the present directory. */
char *dl_path_absolute(const char *path);

/* The directory that holds `path`: "." for a bare name. */
char *dl_path_parent(const char *path);

/* What follows the last slash; a pointer into `path`. */
const char *dl_path_base(const char *path);

/* Makes a directory and those above it, as mkdir -p does. 0, or -1 with errno.
 * Each step is one name long, so that a deep path is not looked up anew for
 * each of its directories. */
int dl_path_make(const char *path, mode_t mode);

/* Removes a file, a link, or a directory with all that is in it; links are not
 * followed. 0, or -1 with errno. */
int dl_path_remove_tree(const char *path);

#pragma GCC visibility pop

#endif
