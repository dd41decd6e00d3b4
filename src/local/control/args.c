#include "args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dl_args_add(dl_args *args, const char *format, ...) {
  char *text = NULL;
  va_list ap;
  va_start(ap, format);
  int n = vasprintf(&text, format, ap);
  va_end(ap);
  char **list =
      n < 0 ? NULL
            : realloc(args->list, (args->count + 2) * sizeof *args->list);
  if (!list) {
    if (n >= 0)
      free(text);
    args->failed = true;
    return;
  }
  list[args->count++] = text;
  list[args->count] = NULL;
  args->list = list;
}

void dl_args_free(dl_args *args) {
  for (size_t i = 0; i < args->count; i++)
    free(args->list[i]);
  free(args->list);
  memset(args, 0, sizeof *args);
}
