#ifndef DL_TOOLBOX_COPY_H
#define DL_TOOLBOX_COPY_H

#pragma GCC visibility push(hidden)

int dl_copy_tree(const char *from, const char *to);

#pragma GCC visibility pop

#endif
