#ifndef DL_CONTROL_PROGRAMS_H
#define DL_CONTROL_PROGRAMS_H

#pragma GCC visibility push(hidden)

char *dl_programs_find_in(const char *path, const char *name);
char *dl_programs_find(const char *name);

#pragma GCC visibility pop

#endif
