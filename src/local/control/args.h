#ifndef DL_CONTROL_ARGS_H
#define DL_CONTROL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

/* A growing NULL-terminated list of owned strings. */
typedef struct dl_args {
  char **list;
  size_t count;
  bool failed;
} dl_args;

#pragma GCC visibility push(hidden)

/* Adds a string to the list; after a failure `failed` is set. */
void dl_args_add(dl_args *args, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees what is in it; it is empty then. */
void dl_args_free(dl_args *args);

#pragma GCC visibility pop

#endif
