#ifndef DL_CONTROL_PROGRAMS_H
#define DL_CONTROL_PROGRAMS_H

#pragma GCC visibility push(hidden)

/* The path of that program in one of the directories, to be freed; NULL if it
 * is in none. */
char *dl_programs_find_in(const char *path, const char *name);

/* The path of a program of this machine, to be freed; NULL if none is found. */
char *dl_programs_find(const char *name);

#pragma GCC visibility pop

#endif
