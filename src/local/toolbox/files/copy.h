#ifndef DL_TOOLBOX_COPY_H
#define DL_TOOLBOX_COPY_H

#pragma GCC visibility push(hidden)

/* Copies a file, a link or a directory with all that is in it to a place where
 * nothing is yet, with modes and times. 0, or -1 with errno; a part of the
 * copy may then be there. */
int dl_copy_tree(const char *from, const char *to);

#pragma GCC visibility pop

#endif
